"""The municipality that pays reads a claim on the page, and accepts it or says why not."""

from http import HTTPStatus

import pytest

from domain.books.claims import ClaimStanding
from domain.questions.question import QuestionKind
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tests.approval_api.questions.forms import complaints
from tests.storage.books.claimed import REFERENCE, claim, guaranteed_families, made, rests
from tests.world.operators import look, sitting
from tests.world.served import everything, heading, link, send, words


@pytest.fixture
def path(sqlite_world, http):
    """The link of the finance officer's letter."""
    guaranteed_families(sqlite_world)
    made(sqlite_world, claim(1, ore=1_234_567), claim(2, ore=1_500_000))
    ask_about_claims(sqlite_world.platform)
    sqlite_world.deliver()
    return link(sqlite_world, QuestionKind.CLAIM)


def test_the_page_shows_the_claim_and_nothing_of_the_family(sqlite_world, http, path):
    before = everything(sqlite_world)
    page = http.get(path)

    told = words(page)
    assert (page.status_code, heading(page)) == (HTTPStatus.OK, "Kan kravet godkendes?")
    for said in (REFERENCE, "Istandsættelsesgaranti", "12.345,67", "60.000", "45.000", "F-1", f"{1:064x}", "Havblik"):
        assert said in told
    for never in ("Kommentar", "Retsgrundlag", "Strandvænget", "person"):
        assert never not in told
    assert everything(sqlite_world) == before


def test_the_same_in_english(http, path):
    page = http.get(f"{path}?lang=en")
    assert heading(page) == "Can the claim be accepted?"
    assert "Left for this claim" in words(page)


def test_who_has_logged_in_finds_the_claims_on_their_list_and_opens_one(sqlite_world, http, path):
    cookie = sitting(sqlite_world, "municipality:0461", "oekonomi-1")
    asked = sqlite_world.questions(QuestionKind.CLAIM)

    listed = look(http, "/mine?kind=claim", cookie)

    assert len(asked) == 2
    assert [f'href="/mine/{one.id}"' in listed.text for one in asked] == [True, True]
    assert words(listed).count(REFERENCE) >= 2
    assert heading(look(http, f"/mine/{asked[0].id}", cookie)) == "Kan kravet godkendes?"
    assert REFERENCE not in words(look(http, "/mine?show=answered&kind=claim", cookie))


def test_two_say_yes_each_on_their_own_page(sqlite_world, http, path):
    receipt = http.get(send(http, path, {"answer": "yes"}).headers["location"])
    assert "Nu spørger vi en kollega" in words(receipt)
    hear_parties(sqlite_world.platform)
    ask_about_claims(sqlite_world.platform)
    sqlite_world.deliver()
    second = link(sqlite_world, QuestionKind.CLAIM_SECOND)
    assert heading(http.get(second)) == "Kan du også godkende kravet?"

    receipt = http.get(send(http, second, {"answer": "yes"}).headers["location"])

    assert "Koordinator (opdigtet), Odense Kommune" in words(receipt)
    hear_parties(sqlite_world.platform)
    assert rests(sqlite_world) is ClaimStanding.ACCEPTED
    assert "Tak. Vi har fået svaret" in heading(http.get(second))


def test_a_no_needs_one_of_the_reasons(sqlite_world, http, path):
    assert "reason" in complaints(send(http, path, {"answer": "no", "reason": "too_expensive"}))
    sent = send(http, path, {"answer": "no", "reason": "amount_too_high"})
    assert "Beløbet er højere, end bilaget viser" in words(http.get(sent.headers["location"]))
    hear_parties(sqlite_world.platform)
    assert rests(sqlite_world) is ClaimStanding.DECLINED


def test_no_link_about_a_claim_leads_to_taking_back_or_to_a_consent(http, path):
    for below in ("take-back", "consent"):
        assert http.get(f"{path}/{below}").status_code == HTTPStatus.NOT_FOUND

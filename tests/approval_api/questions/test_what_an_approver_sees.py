"""The receiving municipality's page and letter tell of a family only what was agreed, and what many have in common."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import col, select

from domain.anonymity.measure import AnonymityTerms
from domain.parties.agreement import Agreement, Shows
from domain.questions.question import QuestionKind
from domain.referrals.household import Need
from storage.columns import id_of
from storage.parties.agreements import AgreementVersion, agreement_of, remember_agreement
from storage.privacy.releases import Release
from storage.questions.questions import Question
from tests.world.families import family
from tests.world.served import SUPPORT_PHONE, Asked, a_yes, ask, link, send, words
from tests.world.world import World

APPROVAL = Asked(QuestionKind.APPROVAL)
SENDER, CASEWORKER = "Odense Kommune", "Sagsbehandler Et"
TELLING_NEED = Need(persons=6, rooms_min=3, rent_max_monthly_ore=912_300, move_in_from=date(2026, 4, 17))
EXACT = ("6 person", "9.123", "9.000 kr. og 10.000 kr.", "17. april", CASEWORKER, "Teamleder")


def agreed(world: World, **changes: object) -> None:
    """Import a new version of the agreement, for families that are flagged from now on."""
    with world.platform.database.writing() as session:
        newest = session.exec(
            select(AgreementVersion)
            .where(AgreementVersion.agreement_id == "fyn")
            .order_by(col(AgreementVersion.version).desc())
        ).first()
        now: Agreement = agreement_of(session, id_of(newest))
        remember_agreement(session, replace(now, version=now.version + 1, **changes), now=world.clock.now())


@pytest.mark.parametrize("shows", [(), (Shows.HOUSEHOLD_BAND,), tuple(Shows)], ids=str)
def test_sender_and_household_are_told_only_where_agreed_and_its_caseworker_never(sqlite_world, http, shows):
    agreed(sqlite_world, approval_shows=shows)
    path = ask(sqlite_world, APPROVAL, need=TELLING_NEED)
    seen = [http.get(path), http.get(f"{path}?lang=en"), send(http, path, {})]
    (letter,) = [text for text in sqlite_world.texts() if path in text]
    seen += [send(http, path, a_yes(http, path)), http.get(path)]
    sqlite_world.settle()
    seen += [http.get(path)]

    pages = [words(page) for page in seen if not page.is_redirect] + [letter]
    assert [fact for fact in EXACT for page in pages if fact in page] == []
    assert (SENDER in pages[0]) == (Shows.SENDER in shows)
    assert ("Mindst 5 personer" in pages[0]) == (Shows.HOUSEHOLD_BAND in shows)
    assert SENDER not in letter
    assert (SUPPORT_PHONE in pages[0]) == (Shows.SENDER not in shows)


def test_what_was_asked_before_it_was_measured_says_nothing_of_the_family(sqlite_world, http):
    path = ask(sqlite_world, APPROVAL, need=TELLING_NEED)
    with sqlite_world.platform.database.writing() as session:
        for question in session.exec(select(Question).where(Question.kind == QuestionKind.APPROVAL)):
            question.request = None
    page = words(http.get(path))
    assert [fact for fact in (*EXACT, SENDER, "personer") if fact in page] == []
    assert "Noget er udeladt" in page


def test_over_many_families_none_is_alone_in_what_its_page_tells(sqlite_world, http):
    world = sqlite_world
    world.platform = replace(world.platform, anonymity=AnonymityTerms(least=3, wanted=5))
    agreed(world, approval_shows=tuple(Shows))
    needs = [
        Need(1 + number % 5, 3, 900_000 + 10_000 * number, date(2026, 4 + number % 3, 1 + number), number % 6 == 0)
        for number in range(12)
    ]
    for _ in needs:
        world.home()
    world.flag(*(family(number, need=need) for number, need in enumerate(needs, 1)))
    world.settle()
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)
        world.settle()
    world.sending_day()
    while world.questions(QuestionKind.OFFER):
        world.answer(QuestionKind.OFFER)
        world.settle()

    asked = world.questions(QuestionKind.APPROVAL)
    told = {
        question.referral_id: words(http.get(link(world, QuestionKind.APPROVAL, nth)))
        for nth, question in enumerate(asked)
    }
    assert len(told) == len(needs)
    releases = world.rows(select(Release).where(col(Release.recipient).startswith("municipality:")))
    assert {release.referral_id for release in releases} == set(told)
    assert min(release.alike_seeking for release in releases) >= 3
    # What each page shows, compared among all families.
    shown = {question.referral_id: tuple((question.request or {}).items()) for question in asked}
    assert {value for request in shown.values() for name, value in request if name == "sender"} <= {None, "0461"}
    assert all("Sagsbehandler" not in page for page in told.values())

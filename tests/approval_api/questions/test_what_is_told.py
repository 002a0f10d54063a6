"""What the pages show to whom, and what they must not show: to associations, and in headers."""

import re
from dataclasses import asdict
from datetime import date

import pytest

from domain.questions.question import QuestionKind
from domain.referrals.household import Need
from tests.approval_api.questions.all_pages import MOVE_IN, OFFER
from tests.world.families import family
from tests.world.served import (
    EVERY_QUESTION,
    SUPPORT_PHONE,
    Asked,
    a_no,
    a_yes,
    ask,
    browsing,
    link,
    question_of,
    send,
    serving,
    words,
)

# A household and a rent that appear on no page by chance.
TELLING_NEED = Need(persons=6, rooms_min=3, rent_max_monthly_ore=912_300, move_in_from=date(2026, 4, 17))
ORIGIN = ("Odense", "0461", "04 61", "Vollsmose", "Sagsbehandler", "Teamleder", "TF-2026")
COMPOSITION = ("6 person", "9.123", "17. april", "912300")


def identity_of(someone):
    """A family's identity, in every form in which it may be written."""
    who = {name: told for name, told in asdict(someone.identity).items() if isinstance(told, str)}
    surname = who["adult_name"].split()[-1]
    return [
        *who.values(),
        surname,
        who["cpr"].replace("-", ""),
        who["phone"].replace(" ", ""),
        *who["note"].split()[-1:],
    ]


# A link's token and a form's MAC: being random, they may contain any four digits by chance.
DRAWN = re.compile(r"(?<![\w-])([\w-]{43}|[0-9a-f]{64})(?![\w-])")


def _header(name, value):
    return f"{name}: {value.partition(';')[2] if name == 'set-cookie' else value}"


def whole(answer):
    """A response with status, headers and body, without random, measured and numbered parts."""
    headers = [_header(*header) for header in answer.headers.multi_items() if header[0] != "content-length"]
    told = "\n".join([str(answer.status_code), *headers, answer.text])
    return DRAWN.sub("", told.replace(f":{answer.url.port}", ""))


def test_an_association_that_is_asked_for_a_home_sees_nothing_of_where_the_family_lives_or_who_it_is(
    sqlite_world, http
):
    sqlite_world.home("kloeverlykken", "0430")
    path = ask(sqlite_world, OFFER, need=TELLING_NEED)
    slower = link(sqlite_world, QuestionKind.OFFER, nth=1)
    yes = a_yes(http, path)
    seen = [http.get(path), http.get(f"{path}?lang=en"), http.head(path), send(http, path, {}), send(http, path, yes)]
    seen += [http.get(path), send(http, path, {"answer": "no", "reason": "no_capacity_now"})]
    sqlite_world.settle()
    seen += [http.get(path), http.get(slower), send(http, slower, yes)]

    assert [answer.status_code for answer in seen] == [200, 200, 200, 422, 303, 200, 409, 200, 410, 410]
    for answer in seen:
        told = whole(answer)
        assert [fact for fact in (*ORIGIN, *COMPOSITION, *identity_of(family())) if fact in told] == []
    assert "9.000 kr. og 10.000 kr." in words(seen[0])
    assert "april 2026" in words(seen[0])
    assert SUPPORT_PHONE in words(seen[0])


def test_an_associations_expired_link_does_not_tell_it_either(sqlite_world, http):
    path = ask(sqlite_world, OFFER, need=TELLING_NEED)
    sqlite_world.clock.at = question_of(sqlite_world, path).expires_at

    told = whole(http.get(path))

    assert "Fristen er overskredet" in told
    assert [fact for fact in (*ORIGIN, *COMPOSITION) if fact in told] == []


def test_the_association_that_houses_the_family_still_does_not_see_where_it_came_from(sqlite_world, http):
    path = ask(sqlite_world, MOVE_IN, need=TELLING_NEED)
    seen = [http.get(path), send(http, path, {}), send(http, path, a_yes(http, path)), http.get(path)]

    for answer in seen:
        assert [fact for fact in (*ORIGIN, *COMPOSITION) if fact in whole(answer)] == []
    assert "Nyborg Kommune" in words(seen[0])


@pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)
def test_no_page_header_or_redirect_tells_who_the_family_is(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    yes, no = a_yes(http, path), a_no(http, path)

    seen = [http.get(path), http.head(path), send(http, path, {}), send(http, path, yes)]
    seen += [http.get(path), send(http, path, yes), send(http, path, no)]
    sqlite_world.settle()
    seen += [http.get(path)]

    assert [fact for fact in identity_of(family()) for answer in seen if fact in whole(answer)] == []


def test_whom_to_call_is_left_out_where_nobody_has_said_it(sqlite_world):
    with serving(sqlite_world, support_phone="") as origin, browsing(origin) as http:
        page = http.get(ask(sqlite_world, OFFER))

    assert "tel:" not in page.text
    assert "Ring til" not in words(page)


def test_a_caseworker_who_answers_for_a_family_is_not_told_to_call_themselves(sqlite_world, http):
    page = http.get(ask(sqlite_world, Asked(QuestionKind.ACCEPTANCE, on_behalf=True)))
    assert "Ring til Tilflytterstyring" in words(page)
    assert "Sagsbehandler Et" not in words(page)

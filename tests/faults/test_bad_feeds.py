"""At least sixty bad inputs in each format of feed: no crash, no good row lost, and limited memory."""

import asyncio
import gzip

import pytest
from sqlmodel import select

from domain.errors import Seen
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import QuarantinedRow
from storage.vacancies.vacancies import Vacancy
from tasks.feeds import night as syncing
from tests.faults.bad_feeds import CSV, JSON, MISSING, XML, Form, Outcome, Talk, rows, spoilt
from tests.faults.bad_lines import LOGIN, ON_THE_LINE, always
from tests.faults.bad_nights import AFTER, FORMS, codes, expect, night, second_night
from tests.faults.spoilt_feeds import IN_EVERY_FORM, JSON_ALONE, NOT_WHOLE, ONE_ROW, WELL_MEANT


@pytest.fixture(autouse=True)
def no_waits_between_tries(monkeypatch):
    # The retry library's waits would only cost time here.
    monkeypatch.setattr(syncing, "_wait_as_asked", lambda _state: 0)


def named(case: object) -> str:
    return "missing" if case is MISSING else repr(case)[:30]


def whole(body: bytes) -> Talk:
    async def talk(form: Form, nth: int, out: asyncio.StreamWriter) -> None:
        await always("200 OK", body, Content_Type=form.media_type)(form, nth, out)

    return talk


WRONG_ROWS = [(form, field, wrong) for form in FORMS for field, wrong in IN_EVERY_FORM] + [
    (JSON, field, wrong) for field, wrong in JSON_ALONE
]


@pytest.mark.parametrize(("form", "field", "wrong"), WRONG_ROWS, ids=named)
def test_a_row_that_breaks_the_contract_is_set_aside_and_the_rest_of_its_feed_goes_on(sqlite_world, form, field, wrong):
    second_night(sqlite_world, form, whole(form.write(spoilt(field, wrong))))
    expect(sqlite_world, Outcome.QUARANTINED)
    (kept,) = sqlite_world.rows(select(QuarantinedRow))
    assert any(reason.startswith((field, "persons_min", "row")) for reason in kept.reasons)
    assert {home.rent_monthly_ore for home in sqlite_world.rows(select(Vacancy))} == {AFTER}


@pytest.mark.parametrize(
    ("form", "body"),
    [(form, body) for form in FORMS for body in ONE_ROW[form].values()],
    ids=[f"{form}-{name}" for form in FORMS for name in ONE_ROW[form]],
)
def test_a_row_that_cannot_be_read_is_set_aside_too(sqlite_world, form, body):
    second_night(sqlite_world, form, whole(body))
    expect(sqlite_world, Outcome.QUARANTINED)


@pytest.mark.parametrize(
    ("form", "body"),
    [(form, body) for form in FORMS for body in NOT_WHOLE[form].values()],
    ids=[f"{form}-{name}" for form in FORMS for name in NOT_WHOLE[form]],
)
def test_a_feed_that_is_not_whole_changes_nothing(sqlite_world, form, body):
    second_night(sqlite_world, form, whole(body))
    expect(sqlite_world, Outcome.REFUSED)
    assert codes(sqlite_world) <= set(Seen), "it answered, and is not called silent"


@pytest.mark.parametrize(
    ("form", "body"),
    [(form, body) for form in FORMS for body in WELL_MEANT[form].values()],
    ids=[f"{form}-{name}" for form in FORMS for name in WELL_MEANT[form]],
)
def test_what_spreadsheets_and_serialisers_add_is_read(sqlite_world, form, body):
    second_night(sqlite_world, form, whole(body))
    expect(sqlite_world, Outcome.APPLIED)
    assert {home.rent_monthly_ore for home in sqlite_world.rows(select(Vacancy))} == {AFTER}


@pytest.mark.parametrize(
    ("form", "name", "reason"),
    [
        (CSV, "a cell too many in the middle", "row: has another number of cells than the header: 10/9"),
        (CSV, "a cell too few in the middle", "row: has another number of cells than the header: 8/9"),
        (CSV, "a quotation mark that nobody closed", "row: has a quotation mark that is not closed, or stands in the"),
        (CSV, "a byte of another encoding", "row: holds bytes that are not in the encoding of the rest"),
        (JSON, "a size that is no number", "size_m2: must be a whole number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_row_is_called_by_its_name_and_its_home_stays(sqlite_world, form, name, reason):
    second_night(sqlite_world, form, whole(ONE_ROW[form][name]))
    night(sqlite_world, form, whole(ONE_ROW[form][name]))
    expect(sqlite_world, Outcome.QUARANTINED)
    (kept,) = sqlite_world.rows(select(QuarantinedRow))
    assert len(kept.reasons) == 1
    assert kept.reasons[0].startswith(reason)


@pytest.mark.parametrize(
    ("form", "body", "media_type", "seen"),
    [
        *((form, b"", form.media_type, Seen.EMPTY) for form in FORMS),
        *((form, LOGIN, "text/html", Seen.PAGE) for form in FORMS),
        *((form, LOGIN, form.media_type, Seen.PAGE) for form in FORMS),
        (CSV, b"PK\x03\x04" + bytes(2000), CSV.media_type, Seen.OTHER_FORM),
        (CSV, gzip.compress(CSV.write(rows()), mtime=0), CSV.media_type, Seen.OTHER_FORM),
        (CSV, JSON.write(rows()), CSV.media_type, Seen.OTHER_FORM),
        (CSV, CSV.write(rows()).replace(b"Husleje", b"Leje"), CSV.media_type, Seen.NO_HEADER),
        (JSON, XML.write(rows()), JSON.media_type, Seen.OTHER_FORM),
        (JSON, b'{"external_id": "1"}\n{"external_id": "2"}\n', JSON.media_type, Seen.NOT_READABLE),
        (XML, JSON.write(rows()), XML.media_type, Seen.OTHER_FORM),
    ],
)
def test_what_came_instead_of_a_feed_is_called_by_its_name(sqlite_world, form, body, media_type, seen):
    night(sqlite_world, form, always("200 OK", body, Content_Type=media_type))
    assert codes(sqlite_world) == {seen}
    assert sqlite_world.rows(select(FeedLoad.why)) == [[seen]]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_each_format_has_at_least_sixty_bad_inputs(form):
    of_rows = [wrong for of, _, wrong in WRONG_ROWS if of is form]
    assert len(of_rows) + len(ONE_ROW[form]) + len(NOT_WHOLE[form]) + len(ON_THE_LINE) >= 60

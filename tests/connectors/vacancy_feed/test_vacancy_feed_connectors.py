"""Vacancies from JSON pages and from a Danish CSV export, under the names of the contract."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator

from connectors.http import PartnerHttp
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from connectors.vacancy_feed.json_feed import JsonVacancyFeed
from connectors.vacancy_feed.xml_elements import ELEMENTS
from connectors.vacancy_feed.xml_feed import XmlVacancyFeed
from deployments.standins.world import Sent
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.feeds.contract import FIELDS, MANDATORY, FeedMode, published_schema
from domain.feeds.row_judge import validated
from domain.ports.vacancy_feed import FeedMark, VacancyFeed
from tests.connectors.vacancy_feed.associations import (
    VACANCY,
    all_batches,
    all_rows,
    faults,
    http,
    page,
    pages,
)

KINDS = [JsonVacancyFeed, CsvVacancyFeed, XmlVacancyFeed]


@pytest.mark.parametrize(
    ("association", "path", "kind"),
    [
        ("solsikken", "/vacancies", JsonVacancyFeed),
        ("havblik", "/export/ledige-boliger.csv", CsvVacancyFeed),
        ("skovbrynet", "/export/ledige-boliger.xml", XmlVacancyFeed),
    ],
)
async def test_each_feed_brings_every_vacancy_as_the_contract_has_it(
    at: Callable[..., PartnerHttp],
    vacancies: list[Sent],
    association: str,
    path: str,
    kind: Callable[[PartnerHttp], VacancyFeed],
) -> None:
    feed = kind(at(f"/association/{association}{path}", f"association:{association}"))
    found = [validated(row.values) for row in await all_rows(feed)]
    told = {row["external_id"]: {name: row.get(name) for name in vacancies[0]} for row in found}
    assert told == {row["external_id"]: {name: row.get(name) for name in row} for row in map(validated, vacancies)}
    assert len(found) == len(vacancies)


async def test_a_feed_that_breaks_off_between_two_pages_raises(
    at: Callable[..., PartnerHttp], client: httpx.AsyncClient
) -> None:
    feed = JsonVacancyFeed(at("/association/solsikken/vacancies", "association:solsikken"))
    batches = feed.batches(FeedMark())
    assert (await anext(batches)).rows[0].line == 1
    assert (await client.post("/_control/outage", json={"prefix": "/association", "seconds": 60})).is_success
    with pytest.raises(PartnerUnavailable, match="GET /: 503"):
        [batch async for batch in batches]


async def test_pages_are_asked_for_by_cursor_and_lines_counted_through() -> None:
    asked: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, json=page(VACANCY, VACANCY, following=None if len(asked) == 2 else "p 2&x"))

    rows = await all_rows(JsonVacancyFeed(http(answer)))
    assert [row.line for row in rows] == [1, 2, 3, 4]
    assert asked == [{"sort": "id"}, {"sort": "id", "cursor": "p 2&x"}]


async def test_a_row_keeps_the_names_that_the_contract_does_not_know_for_the_breaker_to_see() -> None:
    (row,) = await all_rows(pages(page(VACANCY | {"photo": "x.jpg"})))
    assert set(row.values) - set(FIELDS) == {"photo"}
    assert validated(row.values)["rent_monthly_ore"] == 725_050


async def test_what_a_feed_tells_of_itself_is_told_on() -> None:
    headers = {"etag": '"7"', "last-modified": "Sun, 01 Mar 2026 01:00:00 GMT"}
    told = page(VACANCY, mode="delta", generated_at="2026-03-01T02:00:00+01:00")
    (batch,) = await all_batches(JsonVacancyFeed(http(lambda _: httpx.Response(200, json=told, headers=headers))))
    assert batch.head.mode is FeedMode.DELTA
    stamp = datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert batch.head.mark == FeedMark('"7"', "Sun, 01 Mar 2026 01:00:00 GMT", stamp)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_feed_that_is_known_is_asked_whether_it_changed(kind: Callable[[PartnerHttp], VacancyFeed]) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(304)

    last = FeedMark('"7"', "Sun, 01 Mar 2026 01:00:00 GMT", datetime(2026, 3, 1, 1, tzinfo=UTC))
    (batch,) = await all_batches(kind(http(answer)), last)
    assert (batch.head.unchanged, batch.rows) == (True, ())
    assert batch.head.mark == last
    assert asked[0].headers["if-none-match"] == '"7"'
    assert asked[0].headers["if-modified-since"] == "Sun, 01 Mar 2026 01:00:00 GMT"
    if kind is JsonVacancyFeed:
        assert asked[0].url.params["since"] == "2026-03-01T01:00:00+00:00"


@pytest.mark.parametrize("kind", KINDS)
async def test_not_modified_without_having_asked_is_no_answer(kind: Callable[[PartnerHttp], VacancyFeed]) -> None:
    with pytest.raises(PartnerRefused, match="304"):
        await all_batches(kind(http(lambda _: httpx.Response(304))))


async def test_a_feed_that_is_written_anew_between_two_pages_is_read_again_later() -> None:
    first = page(VACANCY, following="2", generated_at="2026-03-01T02:00:00Z")
    with pytest.raises(PartnerUnavailable, match="written anew"):
        await all_rows(pages(first, page(VACANCY, generated_at="2026-03-01T02:05:00Z")))


@pytest.mark.parametrize("cursors", [("a",), ("a", "b", "a")])
async def test_pages_that_go_round_in_circles_end_the_feed(cursors: tuple[str, ...]) -> None:
    with pytest.raises(PartnerUnavailable, match="round in circles"):
        await all_rows(pages(*(page(VACANCY, following=cursor) for cursor in cursors)))


async def test_pages_that_never_end_end_the_feed() -> None:
    numbers = iter(range(10_000))
    feed = JsonVacancyFeed(http(lambda _: httpx.Response(200, json=page(following=str(next(numbers))))))
    with pytest.raises(PartnerUnavailable, match="round in circles"):
        await all_rows(feed)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"vacancies": [VACANCY], "next": None},
        {"format": "vacancy-feed/2", "vacancies": [VACANCY], "next": None},
        {"format": "vacancy-feed/1", "vacancies": [VACANCY]},
        page() | {"vacancies": None},
        page() | {"vacancies": {}},
        page(following=""),
        page(following=2),
        page(mode="some"),
        page(mode=[]),
        page(generated_at="i går"),
        page(generated_at="2026-03-01T02:00:00"),
        page(generated_at=1772330400),
    ],
)
async def test_a_page_of_another_shape_is_garbage(answer: object) -> None:
    with pytest.raises(PartnerUnavailable):
        await all_rows(pages(answer))


@pytest.mark.parametrize("row", [None, 7, "12-1-3", [VACANCY]])
async def test_a_row_that_is_no_object_breaks_the_contract_by_itself(row: object) -> None:
    first, second = await all_rows(pages(page(row, VACANCY)))
    assert "external_id" in faults(first)
    assert faults(second) == []


async def test_an_association_is_asked_for_its_own_kind_of_feed(at: Callable[..., PartnerHttp]) -> None:
    feed = CsvVacancyFeed(at("/association/solsikken/export/ledige-boliger.csv", "association:solsikken"))
    with pytest.raises(PartnerRefused, match="GET /: 404"):
        await all_rows(feed)


def test_the_published_description_has_every_field_with_its_rules() -> None:
    told = (Path(__file__).parents[3] / "docs" / "vacancy-feed.md").read_text(encoding="utf-8")
    vacancy = published_schema()["$defs"]["VacancyRow"]
    rows = [line.split(" | ") for line in told.splitlines() if line.startswith("| `")]
    assert [cells[0].strip("| `") for cells in rows] == list(FIELDS)
    for name, needed, changes, words, *_ in rows:
        field = vacancy["properties"][name.strip("| `")]
        assert (needed == "mandatory") == (name.strip("| `") in MANDATORY)
        assert (changes == "yes") == field["updatable"]
        assert words == field["description"]


@pytest.mark.parametrize(("row", "right"), [(VACANCY, True), (VACANCY | {"rooms": 0}, False)])
def test_the_published_schema_judges_as_the_night_does(row: Sent, right: bool) -> None:
    found = list(Draft202012Validator(published_schema()).iter_errors(page(row)))
    assert (found == []) == right


def test_the_crosswalk_has_every_field_once() -> None:
    page = Path("docs/vacancy-crosswalk.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    assert [row[1].strip(" `") for row in rows] == list(FIELDS)
    assert all(len(row) == 7 for row in rows)
    elements = {ours: element for element, (ours, _) in ELEMENTS.items()}
    assert all(row[2].split()[0].rstrip(",:") == elements[row[1].strip(" `")] for row in rows)

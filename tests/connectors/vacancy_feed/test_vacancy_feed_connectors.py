"""Vacancies from JSON pages and from a Danish CSV export, under the names of the contract."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from connectors.http import PartnerHttp
from connectors.vacancy_feed.csv_columns import COLUMNS, NEEDED
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from connectors.vacancy_feed.json_feed import JsonVacancyFeed
from connectors.vacancy_feed.kroner import ore
from connectors.vacancy_feed.xml_feed import ELEMENTS, XmlVacancyFeed
from deployments.standins.world import Sent
from domain.errors import PartnerRefused, PartnerUnavailable, Unreadable
from domain.feeds.contract import FIELDS, MANDATORY, FeedMode, VacancyRow, published_schema
from domain.feeds.row_judge import reasons, validated
from domain.ports.vacancy_feed import FeedBatch, FeedMark, RawVacancy, VacancyFeed

KINDS = [JsonVacancyFeed, CsvVacancyFeed, XmlVacancyFeed]
COLUMNS_OF_ROW = (
    "Lejemålsnr",
    "Afdeling",
    "Kommunekode",
    "Område",
    "Rum",
    "Areal",
    "Husleje",
    "Ledig fra",
    "Niveaufri adgang",
    "Udlejning",
)
HEADER = ";".join(COLUMNS_OF_ROW)
CELLS = ["12-1-3", "Åkanden", "0751", "Engen", "3", "78,5", "7.250,50", "01-05-2026", "ja", "fleksibel"]
ROW = ";".join(CELLS)
CSV = {"content-type": "text/csv; charset=windows-1252"}

VACANCY: Sent = {
    "external_id": "12-1-3",
    "department": "Åkanden",
    "municipality": "0751",
    "area": None,
    "rooms": 3,
    "size_m2": 79,
    "rent_monthly_ore": 725_050,
    "available_from": "2026-05-01",
    "step_free": True,
    "letting": "flexible_letting",
}


def page(*vacancies: object, following: object = None, **told: object) -> Sent:
    """A page of the format."""
    return {"format": "vacancy-feed/1", "vacancies": list(vacancies), "next": following} | told


def http(answer: Callable[[httpx.Request], httpx.Response]) -> PartnerHttp:
    """An association that answers by a function."""
    transport = httpx.MockTransport(answer)
    return PartnerHttp("https://feed.test/v1?sort=id", token=secrets.token_hex(), timeout_s=5, transport=transport)


def export(text: str, encoding: str = "cp1252") -> CsvVacancyFeed:
    """An association whose export holds this text."""
    body = text.encode(encoding)
    headers = CSV | {"content-length": str(len(body))}
    return CsvVacancyFeed(http(lambda _: httpx.Response(200, content=body, headers=headers)))


def pages(*answers: object) -> JsonVacancyFeed:
    """An association that gives these pages, one after the other, the last for ever."""
    waiting = list(answers)
    return JsonVacancyFeed(http(lambda _: httpx.Response(200, json=waiting.pop(0) if len(waiting) > 1 else waiting[0])))


async def all_batches(feed: VacancyFeed, last: FeedMark | None = None) -> list[FeedBatch]:
    """A feed to its end."""
    return [batch async for batch in feed.batches(last or FeedMark())]


async def all_rows(feed: VacancyFeed) -> list[RawVacancy]:
    """A feed's rows to its end."""
    return [row for batch in await all_batches(feed) for row in batch.rows]


def with_all_fields(row: VacancyRow) -> dict[str, object]:
    """A row in which what was not told is None, as an empty cell is."""
    return dict.fromkeys(FIELDS) | row


def faults(row: RawVacancy) -> list[str]:
    """Why the contract rejects a row, or its connector; empty when neither does."""
    if row.fault is not None:
        return [row.fault.partition(":")[0]]
    try:
        validated(row.values)
    except ValidationError as error:
        return [reason.partition(":")[0] for reason in reasons(error)]
    return []


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


@pytest.mark.parametrize(
    ("kroner", "expected_ore"),
    [
        (7250, 725_000),
        ("7250", 725_000),
        ("7250.5", 725_050),
        (" 7250.50 ", 725_050),
        ("7250.5000", 725_050),
        (Decimal("7250.55"), 725_055),
        (Decimal("0.29"), 29),
        (Decimal("1.005"), "1.005 kr"),
        ("7250,50", "7250,50 kr"),
        ("+60000", "+60000 kr"),
        ("60_000", "60_000 kr"),
        ("1e5", "1e5 kr"),
        (Decimal("1e999999"), "1E+999999 kr"),
        (Decimal("NaN"), "NaN kr"),
        (True, True),
        (None, None),
    ],
)
def test_kroner_become_exact_ore_or_keep_their_unit(kroner: object, expected_ore: object) -> None:
    assert ore(kroner) == expected_ore


async def test_an_export_is_read_as_danes_write() -> None:
    (row,) = await all_rows(export(f"{HEADER}\r\n{ROW}\r\n"))
    assert validated(row.values) == validated(
        {
            "external_id": "12-1-3",
            "department": "Åkanden",
            "municipality": "0751",
            "area": "Engen",
            "rooms": 3,
            "size_m2": 78,
            "rent_monthly_ore": 725_050,
            "available_from": date(2026, 5, 1),
            "step_free": True,
            "letting": "flexible_letting",
        }
    )
    assert (row.line, row.source) == (2, ROW)


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("Husleje", "7250", "rent_monthly_ore", 725_000),
        ("Husleje", "7.250", "rent_monthly_ore", 725_000),
        ("Husleje", "7250,5", "rent_monthly_ore", 725_050),
        ("Husleje", "12.345,67", "rent_monthly_ore", 1_234_567),
        ("Areal", "79", "size_m2", 79),
        ("Areal", "79,9", "size_m2", 79),
        ("Rum", "3,0", "rooms", 3),
        ("Ledig fra", "1-5-2026", "available_from", date(2026, 5, 1)),
        ("Niveaufri adgang", "Nej", "step_free", False),
        ("Niveaufri adgang", "JA", "step_free", True),
        ("Udlejning", "ordinær", "letting", "ordinary"),
        ("Udlejning", "Anvisning", "letting", "municipal_assignment"),
        ("Område", "", "area", None),
        ("Afdeling", '"Åen; nord"', "department", "Åen; nord"),
        ("Ledig fra", "1/5/2026", "available_from", date(2026, 5, 1)),
        ("Ledig fra", "01.05.2026", "available_from", date(2026, 5, 1)),
        ("Ledig fra", "2026-05-01", "available_from", date(2026, 5, 1)),
        ("Husleje", "7250.50", "rent_monthly_ore", 725_050),
        ("Afdeling", 'Åen "nord"', "department", 'Åen "nord"'),
    ],
)
async def test_a_cell_is_read_by_its_column(column: str, cell: str, field: str, value: object) -> None:
    (row,) = await all_rows(export(f"{HEADER}\n{with_cell(column, cell)}\n"))
    assert validated(row.values).get(field) == value


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Lejemålsnr", ""),
        ("Kommunekode", "751"),
        ("Rum", "2½"),
        ("Rum", "2,5"),
        ("Areal", "ca. 80"),
        ("Husleje", ""),
        ("Husleje", "7250.505"),
        ("Husleje", "7.25,00"),
        ("Husleje", "60000,005"),
        ("Husleje", "60 000"),
        ("Ledig fra", "31-02-2026"),
        ("Ledig fra", "snarest"),
        ("Ledig fra", "46143"),
        ("Niveaufri adgang", "måske"),
        ("Udlejning", "efter aftale"),
    ],
)
async def test_a_cell_that_cannot_be_read_makes_the_contract_reject_that_row_only(column: str, cell: str) -> None:
    bad, good = await all_rows(export(f"{HEADER}\n{with_cell(column, cell)}\n{ROW}\n"))
    assert faults(bad) == [COLUMNS[column][0]]
    assert faults(good) == []


def with_cell(column: str, cell: str) -> str:
    """The row with one cell replaced."""
    return ";".join(cell if name == column else before for name, before in zip(COLUMNS_OF_ROW, CELLS, strict=True))


@pytest.mark.parametrize(
    ("ragged", "fault"),
    [
        (ROW + ";mere", "row"),
        (";".join(CELLS[:-1]), "letting"),
        ("12-1-3", "row"),
        (ROW.replace("Åkanden", "Å;kanden"), "row"),
    ],
)
async def test_a_ragged_row_is_rejected_and_the_rest_goes_on(ragged: str, fault: str) -> None:
    bad, good = await all_rows(export(f"{HEADER}\n{ragged}\n{ROW}\n"))
    assert faults(bad) == [fault]
    assert bad.values["external_id"] == "12-1-3"
    assert (bad.line, bad.source) == (2, ragged)
    assert (good.line, faults(good)) == (3, [])


async def test_a_line_without_end_is_no_feed_at_all() -> None:
    with pytest.raises(PartnerUnavailable, match="a line without end"):
        await all_rows(export(f"{HEADER}\n{ROW}{'x' * 200_000}\n"))


@pytest.mark.parametrize(
    "spoilt",
    [
        ROW.replace("Åkanden", '"Åkanden'),
        ROW.replace("Engen", 'Engen"'),
        ROW.replace("Åkanden", '"Åen" nord'),
    ],
)
async def test_a_quotation_mark_that_nobody_closed_spoils_its_own_lines_and_no_other(spoilt: str) -> None:
    bad, good = await all_rows(export(f"{HEADER}\n{spoilt}\n{ROW}\n"))
    assert faults(bad) == ["row"] or (spoilt.endswith("fleksibel") and 'Engen"' in spoilt)
    assert faults(good) == []
    assert good.source == ROW


async def test_columns_may_stand_in_another_order_beside_others_and_blank_lines_are_nothing() -> None:
    names = [*reversed(COLUMNS_OF_ROW), "Bemærkning"]
    cells = [*reversed(CELLS), "nymalet"]
    (row,) = await all_rows(export(f"{';'.join(names)}\n\n;;;\n{';'.join(cells)}\n"))
    assert faults(row) == []
    assert row.line == 4


async def test_no_area_goes_lost_in_a_column_without_a_name() -> None:
    """A cell too many before it, where cells at the end were left out: its home would lie in no listed area."""
    without = [name for name in COLUMNS_OF_ROW if name != "Område"]
    names = [*without, "Område", "", "Indskud"]
    moved = [*(cell for cell in CELLS if cell != "Engen"), "", "Engen"]
    assert len(moved) == len(names) - 1
    (row,) = await all_rows(export(f"{';'.join(names)}\n{';'.join(moved)}\n"))
    assert faults(row) == ["row"]


async def test_an_export_with_nothing_vacant_is_empty_and_no_fault() -> None:
    assert await all_rows(export(HEADER)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("<html><body>Log ind</body></html>", "a web page"),
        (ROW, "no table with a header"),
        (f"{ROW}\n" * 50, "no table with a header"),
        (HEADER.replace("Husleje;", "") + "\n" + ROW, "header that has Husleje"),
        (HEADER.replace("Område", "Husleje") + "\n" + ROW, "header that has Husleje once"),
    ],
)
async def test_an_export_that_is_not_the_table_we_know_is_no_feed_at_all(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        await all_rows(export(text))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
async def test_encoding_delimiter_and_line_ends_are_seen(encoding: str, delimiter: str, ending: str) -> None:
    cells = [f'"{cell}"' if delimiter in cell else cell for cell in CELLS]
    lines = [delimiter.join(line) for line in (COLUMNS_OF_ROW, cells, cells)]
    rows = await all_rows(export(ending.join([*lines, ""]), encoding))
    assert [(row.line, faults(row)) for row in rows] == [(2, []), (3, [])]
    assert rows[0].values["department"] == "Åkanden"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
async def test_an_export_may_be_cut_anywhere_on_its_way(size: int, encoding: str) -> None:
    body = f"{HEADER}\r\n{ROW}\r\n{ROW}".encode(encoding)

    async def cut() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    rows = await all_rows(CsvVacancyFeed(http(lambda _: httpx.Response(200, content=cut(), headers=CSV))))
    assert [(row.line, row.source) for row in rows] == [(2, ROW), (3, ROW)]


async def test_a_large_export_comes_in_batches() -> None:
    feed = export(f"{HEADER}\n" + f"{ROW}\n" * 5000)
    batches = await all_batches(feed)
    assert sum(len(batch.rows) for batch in batches) == 5000
    assert max(len(batch.rows) for batch in batches) < 3000


@pytest.mark.parametrize(
    ("body", "spoilt"),
    [
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), []),
        (f"{HEADER}\n{ROW}\n{ROW}".encode("cp1252").replace(b"\xc5k", b"\x81k", 1), [2]),
        (f"{HEADER}\n{ROW}\n".encode() + ROW.encode("cp1252"), [3]),
        (f"Ejendomme på \n{HEADER}\n{ROW}\n".encode().replace(b"\xc3\xa5 ", b"\xe5 ", 1), []),
        (f"{HEADER};Note\n{ROW};".encode() + b"\xe5\n", []),
    ],
)
async def test_bytes_of_another_encoding_spoil_their_own_row_alone(body: bytes, spoilt: list[int]) -> None:
    rows = await all_rows(CsvVacancyFeed(http(lambda _: httpx.Response(200, content=body, headers=CSV))))
    assert rows
    assert [row.line for row in rows if faults(row)] == spoilt


async def test_a_cell_with_line_breaks_is_one_cell_and_its_breaks_are_white_space() -> None:
    written = ROW.replace("Åkanden", '"Åen\r\nnord"')
    rows = await all_rows(export(f"{HEADER}\r\n{written}\r\n{ROW}\r\n"))
    assert [(row.line, faults(row)) for row in rows] == [(2, []), (4, [])]
    assert rows[0].values["department"] == "Åen nord"
    assert rows[0].source == written.replace("\r\n", "\n")


async def test_a_mark_that_nobody_closes_among_cells_with_line_breaks_spoils_no_other_row() -> None:
    broken, split = ROW.replace("Engen", '"Engen'), ROW.replace("Åkanden", '"Åen\nnord"')
    rows = await all_rows(export("\n".join([HEADER, broken, split, broken, ROW, broken])))
    assert [(row.line, faults(row)) for row in rows] == [(2, ["row"]), (3, []), (5, ["row"]), (6, []), (7, ["row"])]


def test_every_field_of_the_contract_has_its_column() -> None:
    assert {ours for ours, _ in COLUMNS.values()} == set(FIELDS)
    assert set(COLUMNS_OF_ROW) - {"Område"} == NEEDED


async def test_a_login_page_is_no_export() -> None:
    feed = CsvVacancyFeed(http(lambda _: httpx.Response(200, html=f"{HEADER}\n{ROW}\n")))
    with pytest.raises(PartnerUnavailable, match="a web page"):
        await all_rows(feed)


async def test_an_export_whose_length_nobody_announced_may_be_cut_short_and_is_no_feed() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield f"{HEADER}\n{ROW}\n".encode("cp1252")

    def answer(_: httpx.Request) -> httpx.Response:
        response: Any = httpx.Response(200, content=body(), headers=CSV)
        del response.headers["transfer-encoding"]
        return httpx.Response(200, stream=response.stream, headers=response.headers)

    with pytest.raises(PartnerUnavailable, match="not an export"):
        await all_rows(CsvVacancyFeed(http(answer)))


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

"""Exports as tables: columns, encodings, line ends and lengths."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from connectors.vacancy_feed.csv_columns import COLUMNS, NEEDED
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from domain.errors import PartnerUnavailable, Unreadable
from domain.feeds.contract import FIELDS
from tests.connectors.vacancy_feed.associations import (
    CELLS,
    COLUMNS_OF_ROW,
    CSV,
    HEADER,
    ROW,
    all_batches,
    all_rows,
    export,
    faults,
    http,
)


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

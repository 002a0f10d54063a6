"""An export as a table: finds its header, and reads each row, or names what is wrong with it."""

import csv
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from connectors.vacancy_feed.csv_columns import COLUMNS, NEEDED, column_called, could_stand_in
from domain.errors import Seen, Unreadable
from domain.feeds.row_judge import CELLS_DIFFER, NEVER_CLOSED, STRANGE_BYTES
from domain.ports.vacancy_feed import RawVacancy
from domain.text.folded_text import folded

DELIMITERS = (";", ",", "\t")
# Titles, empty lines, and a line that tells spreadsheets the delimiter may come before the header.
MOST_BEFORE_THE_HEADER = 20
# A row's cells may break it over so many lines, and a row may be as long as a line.
MOST_LINES_A_ROW = 50
LONGEST_ROW = 20_000
FEW_OF_THEM = 3
TOTALS = ("ialt", "total", "totalt", "sum", "antal")
# A byte order mark that was read as Windows-1252 and written again as UTF-8.
MARK_MISREAD = "ï»¿"


class Line(NamedTuple):
    """A line of the file, and whether it holds bytes that are invalid in the file's encoding."""

    number: int
    text: str
    is_spoilt: bool


class Table:
    """An export, line by line: a fault in a row, such as an unclosed quotation mark, spoils no other row."""

    def __init__(self) -> None:
        self._line = 0
        self._delimiter = ";"
        # For each column its name, the contract's name and how it is read; a column without a name has none.
        self._header: list[str] = []
        self._first = ""
        self._columns: list[tuple[str, Callable[[str], object]] | None] = []
        self._id_at = 0
        # Lines of a row whose quotation mark is still open.
        self._open: list[Line] = []
        self._lacks = "the columns of the format"

    def take(self, line: str, *, is_spoilt: bool = False) -> list[RawVacancy]:
        """The rows that end with this line; none for the header and for lines without cells."""
        self._line += 1
        return self._taken(Line(self._line, line, is_spoilt))

    def end(self) -> list[RawVacancy]:
        """The file ends: the rows that were still open. An export has a header even if nothing is vacant."""
        rows = []
        while self._open:
            rows += self._give_up()
        if not self._header:
            self._refuse()
        return rows

    def _taken(self, line: Line) -> list[RawVacancy]:
        if self._open:
            return self._gone_on(line)
        if '"' in line.text and line.text.count('"') % 2 and self._cells(line.text) is None:
            self._open = [line]
            return []
        return self._whole([line])

    def _gone_on(self, line: Line) -> list[RawVacancy]:
        """Add a line to an open row. A line with an odd number of quotation marks closes it, or it is given up."""
        self._open.append(line)
        text = "\n".join(one.text for one in self._open)
        if len(self._open) > MOST_LINES_A_ROW or len(text) > LONGEST_ROW:
            return self._give_up()
        if line.text.count('"') % 2 == 0:
            return []
        cells = self._cells(text)
        if cells is None or (self._header and self._aligned(cells) is None):
            return self._give_up()
        lines, self._open = self._open, []
        return self._whole(lines)

    def _give_up(self) -> list[RawVacancy]:
        """Reject the first of the open lines, and read the others again as new lines."""
        (first, *others), self._open = self._open, []
        rows = [self._wrong([first], None, f"row: {NEVER_CLOSED}")] if self._header else []
        for one in others:
            rows += self._taken(one)
        return rows

    def _whole(self, lines: list[Line]) -> list[RawVacancy]:
        text = lines[0].text if len(lines) == 1 else "\n".join(line.text for line in lines)
        if not self._header:
            self._look_for_the_header(text)
            return []
        cells = self._cells(text)
        if cells is None:
            return [self._wrong(lines, None, f"row: {NEVER_CLOSED}")]
        if self._is_no_row(cells):
            return []
        aligned = cells if len(cells) == len(self._columns) else self._aligned(cells)
        if aligned is None:
            return [self._wrong(lines, cells, f"row: {CELLS_DIFFER.format(counts=self._counts(cells))}")]
        if any(line.is_spoilt for line in lines) and self._is_strange(aligned):
            return [self._wrong(lines, aligned, f"row: {STRANGE_BYTES}")]
        return [RawVacancy(lines[0].number, self._values(aligned), text)]

    def _cells(self, text: str) -> list[str] | None:
        """The cells of a row; None when its quotation marks do not match."""
        if '"' not in text:
            return text.split(self._delimiter)
        lines = text.split("\n")
        with suppress(csv.Error):
            # Each line with its line end, which belongs to the cell.
            reader = csv.reader((f"{line}\n" for line in lines), delimiter=self._delimiter, strict=True)
            cells = next(reader, [])
            return cells if reader.line_num == len(lines) else None
        return None

    def _is_no_row(self, cells: list[str]) -> bool:
        """Whether a spreadsheet added it: an empty row, the header again, or a row of totals."""
        told = [cell for cell in cells if cell and not cell.isspace()]
        if not told or (cells[0] == self._first and [column_called(cell) for cell in cells] == self._header):
            return True
        if len(told) > len(NEEDED) // 2:
            return False
        words = folded(told[0]).replace(":", " ").split()
        return words[:2] == ["i", "alt"] or words[:1] in ([total] for total in TOTALS)

    def _aligned(self, cells: list[str]) -> list[str] | None:
        """The cells fitted to the header, when only empty ones at the end are too many or too few.

        None when a cell may be missing or surplus before the end: then no cell can be trusted. The last cell with
        content must fit its own column, and no other column into which it may have moved.
        """
        more = len(cells) - len(self._columns)
        if more == 0:
            return cells
        index = next((index for index in range(len(cells) - 1, -1, -1) if cells[index].strip()), 0)
        # In a column without a name it may be another column's cell that has moved there.
        if index >= len(self._columns) or not self._header[index]:
            return None
        others = range(max(0, index - more), index) if more > 0 else range(index + 1, index + 1 - more)
        if any(could_stand_in(self._header[other], cells[index].strip()) for other in others):
            return None
        return cells[: len(self._columns)] + [""] * -more

    def _counts(self, cells: list[str]) -> str:
        return f"{len(cells)}/{len(self._columns)}"

    def _is_strange(self, cells: list[str]) -> bool:
        """Whether a cell in a known column holds invalid bytes; in an unknown column they do no harm."""
        known = (cell for name, cell in zip(self._header, cells, strict=True) if name in COLUMNS)
        return any("\udc80" <= sign <= "\udcff" for cell in known for sign in cell)

    def _values(self, cells: list[str]) -> Mapping[str, object]:
        """A row under the contract's names. A line break within a cell is white space."""
        found: dict[str, object] = {}
        for column, cell in zip(self._columns, cells, strict=True):
            if column is not None and (told := cell.strip()):
                ours, read_cell = column
                found[ours] = read_cell(" ".join(told.split()) if "\n" in told else told)
        return found

    def _wrong(self, lines: list[Line], cells: list[str] | None, fault: str) -> RawVacancy:
        """A row whose cells are not trusted; its id is still passed on, so that what is known of the home stays."""
        cells = lines[0].text.split(self._delimiter) if cells is None else cells
        told = cells[self._id_at].strip(' "') if self._id_at < len(cells) else ""
        values = {"external_id": told} if told and told.isprintable() else {}
        return RawVacancy(lines[0].number, values, "\n".join(line.text for line in lines), fault)

    def _look_for_the_header(self, text: str) -> None:
        """Take the first line that names known columns as the header, and the delimiter with which it does."""
        plain = text.lstrip("\ufeff").removeprefix(MARK_MISREAD).lstrip("\ufeff")
        for delimiter in DELIMITERS:
            self._delimiter = delimiter
            names = [column_called(name) for name in self._cells(plain) or []]
            if self._is_header(names):
                self._begin(names, (self._cells(plain) or [""])[0])
                return
        if self._line >= MOST_BEFORE_THE_HEADER:
            self._refuse()

    def _is_header(self, names: list[str]) -> bool:
        known = [name for name in names if name in COLUMNS]
        lacking, twice = sorted(NEEDED - set(known)), sorted({name for name in known if known.count(name) > 1})
        if len(known) >= FEW_OF_THEM and (lacking or twice):
            self._lacks = ", ".join([*lacking, *(f"{name} once" for name in twice)])
        return not lacking and not twice

    def _begin(self, names: list[str], first: str) -> None:
        while not names[-1]:
            names.pop()
        self._header, self._first = names, first
        self._columns = [COLUMNS.get(name, (_as_shown(name), str)) if name else None for name in names]
        self._id_at = next(index for index, name in enumerate(names) if COLUMNS.get(name, ("",))[0] == "external_id")

    def _refuse(self) -> None:
        raise Unreadable(f"GET /: no table with a header that has {self._lacks}", seen=Seen.NO_HEADER)


def _as_shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()

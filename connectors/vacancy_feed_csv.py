"""A vacancy feed as one CSV export, the way Danish spreadsheets write it."""

import codecs
import csv
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from connectors.http import PartnerHttp, Streamed
from connectors.kroner import ore
from domain.dwelling import LettingCriteria
from domain.errors import PartnerUnavailable
from domain.ports import FeedBatch, FeedHead, FeedMark, RawVacancy
from domain.vacancy_feed import MANDATORY, FeedStatus

LARGEST_FEED_BYTES = 256_000_000
LONGEST_LINE = 20_000
ROWS_AT_ONCE = 1_000
DELIMITERS = (";", ",", "\t")
# Thousands in threes with points and decimals after a comma; or one or two decimals after a point.
NUMBER = re.compile(r"([0-9]{1,3}(\.[0-9]{3}){1,3}|[0-9]{1,9})(,[0-9]{1,20})?|[0-9]{1,9}\.[0-9]{1,2}")
DAY = re.compile(r"([0-9]{1,2})[-./]([0-9]{1,2})[-./]([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2})")
YES_NO = {"ja": True, "nej": False}
LETTING = {
    "ordinær": LettingCriteria.ORDINARY,
    "fleksibel": LettingCriteria.FLEXIBLE,
    "anvisning": LettingCriteria.MUNICIPAL_ASSIGNMENT,
}
STATUS = {"ledig": FeedStatus.VACANT, "udlejet": FeedStatus.LET, "trukket tilbage": FeedStatus.WITHDRAWN}


def number(cell: str) -> Decimal | None:
    """A number with decimal comma and thousands points, 7.250,50; or with two decimals after a point, 7250.50."""
    found = NUMBER.fullmatch(cell)
    if found is None:
        return None
    return Decimal(cell.replace(".", "").replace(",", ".") if found[1] else cell)


def whole(cell: str) -> object:
    """A number without decimals; anything else as it stands."""
    found = number(cell)
    return cell if found is None or found % 1 else int(found)


def whole_square_metres(cell: str) -> object:
    """The size rounded down: a home is never said to be larger than it is."""
    found = number(cell)
    return cell if found is None else int(found)


def rent(cell: str) -> object:
    """A rent in kroner as øre."""
    found = number(cell)
    return f"{cell} kr" if found is None else ore(found)


def day(cell: str) -> object:
    """A day as dd-mm-yyyy or yyyy-mm-dd; anything else as it stands."""
    if found := DAY.fullmatch(cell):
        with suppress(ValueError):
            year, month, day_ = found[3] or found[4], found[2] or found[5], found[1] or found[6]
            return date(int(year), int(month), int(day_))
    return cell


def yes_no(cell: str) -> object:
    """Ja or nej; anything else as it stands."""
    return YES_NO.get(cell.lower(), cell)


# Each column, the contract's name for it, and how its cells are read; an empty cell says nothing. What cannot be read
# is passed on as it stands, and the contract rejects the row with its reason.
COLUMNS: dict[str, tuple[str, Callable[[str], object]]] = {
    "Lejemålsnr": ("external_id", str),
    "LBF-nr": ("lbf_number", str),
    "Afdelingsnr": ("department_number", str),
    "Bolignr": ("unit_number", str),
    "DAR-adresse": ("dar_address_id", str),
    "Afdeling": ("department", str),
    "Kommunekode": ("municipality", str),
    "Område": ("area", str),
    "Rum": ("rooms", whole),
    "Areal": ("size_m2", whole_square_metres),
    "Husleje": ("rent_monthly_ore", rent),
    "Indskud": ("deposit_ore", rent),
    "Ledig fra": ("available_from", day),
    "Etage": ("floor", whole),
    "Elevator": ("lift", yes_no),
    "Niveaufri adgang": ("step_free", yes_no),
    "Husdyr": ("pets", yes_no),
    "Personer fra": ("persons_min", whole),
    "Personer til": ("persons_max", whole),
    "Udlejning": ("letting", lambda cell: LETTING.get(cell.lower(), cell)),
    "Status": ("status", lambda cell: STATUS.get(cell.lower(), cell)),
}
NEEDED = frozenset(column for column, (ours, _) in COLUMNS.items() if ours in MANDATORY)


@dataclass(frozen=True, slots=True)
class CsvVacancyFeed:
    """`GET {url}`: a table with Danish headers in Windows-1252 or UTF-8, its cells apart by semicolon, comma or tab."""

    serves: ClassVar[Literal["vacancy_feed"]] = "vacancy_feed"

    http: PartnerHttp

    async def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """Every row; lines are those of the file, so the first row stands on line 2."""
        async with self.http.stream(last=last) as answer:
            if answer.unchanged:
                yield FeedBatch(FeedHead(last, unchanged=True))
                return
            if answer.media_type == "text/html" or not answer.measured:
                raise PartnerUnavailable(f"{answer.call}: not an export")
            head, table = FeedHead(answer.mark), Table()
            async for rows in read(answer, table):
                yield FeedBatch(head, rows)


async def read(answer: Streamed, table: "Table") -> AsyncIterator[list[RawVacancy]]:
    """The rows of an export as its bytes come, a thousand at a time; one batch at least."""
    waiting: list[RawVacancy] = []
    text = Text()
    async for chunk in answer.chunks(LARGEST_FEED_BYTES):
        for line in text.lines(chunk):
            waiting += table.take(line)
            if len(waiting) == ROWS_AT_ONCE:
                yield waiting
                waiting = []
    for line in text.lines(b"", last=True):
        waiting += table.take(line)
    table.must_have_begun()
    yield waiting


class Text:
    """Bytes as they come, to whole lines of text.

    UTF-8 until a byte is none; if all before it was ASCII, the export is Windows-1252, and else it is garbage.
    """

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._only_ascii = True
        self._begun = ""

    def lines(self, chunk: bytes, *, last: bool = False) -> Iterator[str]:
        """The lines that are whole now."""
        text = self._begun + self._decoded(chunk, last=last)
        *whole_lines, self._begun = re.split(r"\r\n|\n|\r(?!$)", text)
        if any(len(line) > LONGEST_LINE for line in (*whole_lines, self._begun)):
            raise PartnerUnavailable("GET /: a line without end")
        yield from whole_lines
        if last and self._begun:
            yield self._begun.rstrip("\r")

    def _decoded(self, chunk: bytes, *, last: bool) -> str:
        with suppress(UnicodeDecodeError):
            text = self._decoder.decode(chunk, final=last)
            self._only_ascii = self._only_ascii and text.isascii()
            return text
        if self._only_ascii:
            pending, _ = self._decoder.getstate()
            self._decoder, self._only_ascii = codecs.getincrementaldecoder("cp1252")(), False
            with suppress(UnicodeDecodeError):
                return self._decoder.decode(pending + chunk, final=last)
        raise PartnerUnavailable("GET /: neither UTF-8 nor Windows-1252")


class Table:
    """An export, line by line: a quotation mark that nobody closed spoils its own line and no other."""

    def __init__(self) -> None:
        self._line = 0
        self._delimiter = ";"
        self._header: list[str] = []

    def take(self, line: str) -> list[RawVacancy]:
        """The row of a line; none for the header and for lines without cells."""
        self._line += 1
        if not self._header:
            self._begin(line)
            return []
        cells = self._cells(line)
        if cells is not None and not any(cell.strip() for cell in cells):
            return []
        return [RawVacancy(self._line, self._values(cells), line)]

    def must_have_begun(self) -> None:
        """An export has a header, be there nothing vacant."""
        if not self._header:
            raise PartnerUnavailable("GET /: not the columns expected")

    def _begin(self, line: str) -> None:
        """The header, by the delimiter with which it names the columns that we know."""
        for delimiter in DELIMITERS:
            self._delimiter = delimiter
            names = [name.strip() for name in self._cells(line) or []]
            if all(names.count(column) == 1 for column in NEEDED) and all(names.count(name) == 1 for name in names):
                self._header = names
                return
        raise PartnerUnavailable("GET /: not the columns expected")

    def _cells(self, line: str) -> list[str] | None:
        """The cells of a line; None when its quotation marks do not match."""
        with suppress(csv.Error):
            return next(csv.reader([line], delimiter=self._delimiter, strict=True), [])
        return None

    def _values(self, cells: list[str] | None) -> Mapping[str, object]:
        """A row under the contract's names. In a ragged one no cell can be trusted, so it has no fields at all."""
        if cells is None or len(cells) != len(self._header):
            return {}
        named = ((COLUMNS.get(name, (name, str)), cell.strip()) for name, cell in zip(self._header, cells, strict=True))
        return {ours: read_cell(cell) for (ours, read_cell), cell in named if cell}

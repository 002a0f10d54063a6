"""A vacancy feed as one CSV export, the way Danish spreadsheets write it."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from connectors.http import Answer, PartnerHttp
from connectors.kroner import ore
from domain.dwelling import LettingCriteria
from domain.errors import PartnerUnavailable
from domain.ports import RawVacancy

NUMBER = re.compile(r"([0-9]{1,3}(\.[0-9]{3})+|[0-9]{1,9})(,[0-9]{1,20})?")
DAY = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")
YES_NO = {"ja": True, "nej": False}
LETTING = {
    "ordinær": LettingCriteria.ORDINARY,
    "fleksibel": LettingCriteria.FLEXIBLE,
    "anvisning": LettingCriteria.MUNICIPAL_ASSIGNMENT,
}


def number(cell: str) -> Decimal | None:
    """A number with decimal comma and thousands points: 7.250,50."""
    return Decimal(cell.replace(".", "").replace(",", ".")) if NUMBER.fullmatch(cell) else None


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
    """A day as dd-mm-yyyy; anything else as it stands."""
    if found := DAY.fullmatch(cell):
        with suppress(ValueError):
            return date(int(found[3]), int(found[2]), int(found[1]))
    return cell


# Each column, the contract's name for it, and how its cells are read. What cannot be read is passed on
# as it stands, and the contract rejects the row with its reason.
COLUMNS: dict[str, tuple[str, Callable[[str], object]]] = {
    "Lejemålsnr": ("external_id", str),
    "Afdeling": ("department", str),
    "Kommunekode": ("municipality", str),
    "Område": ("area", lambda cell: cell or None),
    "Rum": ("rooms", whole),
    "Areal": ("size_m2", whole_square_metres),
    "Husleje": ("rent_monthly_ore", rent),
    "Ledig fra": ("available_from", day),
    "Niveaufri adgang": ("step_free", lambda cell: YES_NO.get(cell.lower(), cell)),
    "Udlejning": ("letting", lambda cell: LETTING.get(cell.lower(), cell)),
}


@dataclass(frozen=True, slots=True)
class CsvVacancyFeed:
    """`GET {url}`: Windows-1252, semicolons, decimal commas, Danish headers."""

    serves: ClassVar[Literal["vacancy_feed"]] = "vacancy_feed"

    http: PartnerHttp

    async def rows(self) -> AsyncIterator[RawVacancy]:
        """Every row; lines are those of the file, so the first row stands on line 2. Never half a feed."""
        for row in read_export(text_of(await self.http.read())):
            yield row


def text_of(answer: Answer) -> str:
    """The export's text; `PartnerUnavailable` when it may be cut short or is no such export."""
    if answer.media_type == "text/html" or not answer.measured:
        raise PartnerUnavailable(f"{answer.call}: not an export")
    with suppress(UnicodeDecodeError):
        return answer.body.decode("cp1252")
    raise PartnerUnavailable(f"{answer.call}: not Windows-1252")


def read_export(text: str) -> list[RawVacancy]:
    """The rows of an export; `PartnerUnavailable` when it is not the table we know."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, delimiter=";")
    try:
        table = [(reader.line_num, cells) for cells in reader]
    except csv.Error:
        table = []
    header = [name.strip() for name in table[0][1]] if table else []
    # A stray quotation mark can swallow the rows up to the next one.
    swallowed = any("\n" in cell or "\r" in cell for _, cells in table for cell in cells)
    if swallowed or any(header.count(column) != 1 for column in COLUMNS):
        raise PartnerUnavailable("GET /: not the columns expected")
    return [raw_vacancy(line, header, cells, lines[line - 1]) for line, cells in table[1:] if any(cells)]


def raw_vacancy(line: int, header: list[str], cells: list[str], raw: str) -> RawVacancy:
    """A row under the contract's names. In a ragged row no cell can be trusted, so it has no fields at all."""
    values: dict[str, object] = {}
    if len(cells) == len(header):
        named = dict(zip(header, cells, strict=True))
        values = {ours: read(named[theirs].strip()) for theirs, (ours, read) in COLUMNS.items()}
    return RawVacancy(line, values, raw.rstrip("\r\n"))

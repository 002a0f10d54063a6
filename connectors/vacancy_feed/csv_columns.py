"""The columns of a vacancy export as a spreadsheet has them, and how their cells are read."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connectors.vacancy_feed.kroner import ore
from domain.feeds.contract import MANDATORY, FeedStatus
from domain.homes.dwelling import LettingCriteria
from domain.text.folded_text import folded

# Points between groups of three digits and decimals after a comma; or one or two decimals after a point.
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
    """A number with thousands points and a decimal comma, 7.250,50; or with decimals after a point, 7250.50."""
    found = NUMBER.fullmatch(cell)
    if found is None:
        return None
    return Decimal(cell.replace(".", "").replace(",", ".") if found[1] else cell)


def whole(cell: str) -> object:
    """A number without decimals; anything else unchanged."""
    found = number(cell)
    return cell if found is None or found % 1 else int(found)


def whole_square_metres(cell: str) -> object:
    """The size rounded down, so that no home is said to be larger than it is."""
    found = number(cell)
    return cell if found is None else int(found)


def rent(cell: str) -> object:
    """A rent in kroner as øre."""
    found = number(cell)
    return f"{cell} kr" if found is None else ore(found)


def day(cell: str) -> object:
    """A day as dd-mm-yyyy or yyyy-mm-dd; anything else unchanged."""
    if found := DAY.fullmatch(cell):
        with suppress(ValueError):
            year, month, day_ = found[3] or found[4], found[2] or found[5], found[1] or found[6]
            return date(int(year), int(month), int(day_))
    return cell


def yes_no(cell: str) -> object:
    """Ja or nej; anything else unchanged."""
    return YES_NO.get(cell.lower(), cell)


# Each column, the contract's name for it, and how its cells are read; an empty cell says nothing. An unreadable cell is
# passed on unchanged, and the contract rejects the row with its reason.
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
BY_FOLDED_NAME = {folded(column): column for column in COLUMNS}


def column_called(name: str) -> str:
    """The column that a header names, whatever its case and spaces; an unknown name unchanged."""
    return BY_FOLDED_NAME.get(folded(name), " ".join(name.split()))


def could_stand_in(column: str, cell: str) -> bool:
    """Whether a cell may belong to a column: any cell to a text column; else only one that can be read as such.

    A column without a name takes any cell too.
    """
    if not column:
        return True
    _, read_cell = COLUMNS.get(column, (column, str))
    if read_cell is str:
        return True
    value = read_cell(cell)
    return not isinstance(value, str) or isinstance(value, StrEnum)

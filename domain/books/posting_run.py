"""A run of postings (bogføringskørsel) to one party's finance system, whatever form it takes there.

A run that exists is whole: it has lines, each line is complete, and the lines balance on every entry date.
"""

import re
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

from domain.errors import Invalid
from domain.text.screening import holds_cpr_number
from domain.text.written import UNSEEN
from domain.working_days import is_working_day

MOST_ORE = 2**63 - 1
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
LONGEST_TEXT = 200
# Longer than any run of weekends and public holidays in Denmark.
MOST_DAYS_MOVED = 14
# All begin with a letter or digit, so that no spreadsheet takes one for a formula.
_KEY = re.compile(r"[0-9A-Za-z][0-9A-Za-z_./:-]{0,63}")
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,19}")
_RULE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,39}")
_AGREEMENT = re.compile(r"[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå_./ -]{0,63}")
_ACCOUNT = re.compile(r"[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå_./ -]{0,59}")
_UNSEEN = re.compile(f"[{UNSEEN}]")
_PATTERNS = {
    "key": _KEY,
    "account_string": _ACCOUNT,
    "reference": _REFERENCE,
    "rule": _RULE,
    "agreement": _AGREEMENT,
}


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One line of a run: debit when its amount is above zero, credit when it is below.

    `key` is the line's own, the same whenever it is sent, and what the finance system reports back. `reference` is a
    case's or a statement's, `rule` the part of the compensation model and `agreement` the agreement with its version.
    """

    key: str
    account_string: str
    amount_ore: int
    entry_date: date
    value_date: date
    text: str
    reference: str
    rule: str
    agreement: str

    def __post_init__(self) -> None:
        for field, pattern in _PATTERNS.items():
            if not pattern.fullmatch(getattr(self, field)):
                raise Invalid(field, f"must be like {pattern.pattern}")
        if type(self.amount_ore) is not int or self.amount_ore == 0:
            raise Invalid(f"{self.key}.amount_ore", "must be whole øre, and not zero")
        if abs(self.amount_ore) > MOST_ORE:
            raise Invalid(f"{self.key}.amount_ore", "does not fit in 64 bits")
        for field in ("entry_date", "value_date"):
            _must_be_a_day(f"{self.key}.{field}", getattr(self, field))
        _must_be_text(f"{self.key}.text", self.text)


@dataclass(frozen=True, slots=True)
class PostingRun:
    """The lines that one party's finance system is given at once, on `entry_date` at the earliest.

    Lines sum to zero on each of their entry dates, and so in the whole: a finance system that balances by day takes it.
    """

    id: str
    party: str
    entry_date: date
    lines: tuple[PostingLine, ...]

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.id):
            raise Invalid("id", f"must be like {_KEY.pattern}")
        if not _KEY.fullmatch(self.party):
            raise Invalid("party", f"must be like {_KEY.pattern}")
        _must_be_a_day("entry_date", self.entry_date)
        if not self.lines:
            raise Invalid("lines", "must be at least one")
        self._must_be_its_own_lines()
        self._must_balance()

    def in_order(self) -> tuple[PostingLine, ...]:
        """The lines by their keys: however they were read, a file of the same run is the same."""
        return tuple(sorted(self.lines, key=lambda line: line.key))

    def _must_be_its_own_lines(self) -> None:
        seen = set[str]()
        for line in self.lines:
            if line.key in seen:
                raise Invalid(f"{line.key}.key", "stands twice in the run")
            seen.add(line.key)
            if line.entry_date > self.entry_date:
                raise Invalid(f"{line.key}.entry_date", f"is after the run's, {self.entry_date}")

    def _must_balance(self) -> None:
        sums: dict[date, int] = defaultdict(int)
        for line in self.lines:
            sums[line.entry_date] += line.amount_ore
        for day, total in sorted(sums.items()):
            if total:
                raise Invalid("lines", f"of {day} sum to {total} øre instead of zero")


def banking_day(day: date, closed_days: Container[date]) -> date:
    """The day itself, or else the next one on which banks are open: never a Saturday, a Sunday or a closed day.

    Forward, because what is posted is not posted before it was booked. `closed_days` holds the banks' own too: the
    Friday after Ascension Day, 5 June, 24 and 31 December.
    """
    for later in range(MOST_DAYS_MOVED + 1):
        if is_working_day(moved := day + timedelta(days=later), closed_days):
            return moved
    raise Invalid("closed_days", f"leave no banking day in the {MOST_DAYS_MOVED} days after {day}")


def _must_be_a_day(field: str, day: date) -> None:
    # A moment is a date too, for Python.
    if type(day) is not date or not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(field, "must be a day of this century")


def _must_be_text(field: str, text: str) -> None:
    if not 0 < len(text) <= LONGEST_TEXT or text != text.strip():
        raise Invalid(field, f"must be 1 to {LONGEST_TEXT} signs, and none of them space at the ends")
    if _UNSEEN.search(text):
        raise Invalid(field, "must be one line of signs that are seen")
    if holds_cpr_number(text):
        raise Invalid(field, "holds what may be a CPR number")

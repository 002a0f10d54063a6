"""One entry (Ntry) of an account statement, camt.053, and the transactions in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.books.reconciliation import Reported
from domain.errors import Invalid
from domain.working_days import day_of

Path = tuple[str, ...]
# Thirteen digits of kroner fit in 64 bits as øre; ISO 20022 has no sign in an amount.
_AMOUNT = re.compile(r"([0-9]{1,13})(?:\.([0-9]{1,2}))?")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DAY.pattern + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?")
SIGNS = {"CRDT": 1, "DBIT": -1}
BOOKED, NOT_BOOKED = "BOOK", frozenset({"PDNG", "INFO", "FUTR"})
TRANSACTION: Path = ("NtryDtls", "TxDtls")
# The older version says it in the element itself, the newer one in a code within.
STATUS: tuple[Path, Path] = (("Sts",), ("Sts", "Cd"))
REVERSAL: Path = ("RvslInd",)
OF_AN_ENTRY: frozenset[Path] = frozenset(STATUS) | {
    ("Amt",),
    ("CdtDbtInd",),
    REVERSAL,
    ("BookgDt", "Dt"),
    ("BookgDt", "DtTm"),
}
# As XML Schema writes a boolean.
YES_AND_NO = {"": False, "true": True, "1": True, "false": False, "0": False}
OF_A_TRANSACTION: frozenset[Path] = frozenset({("Amt",), ("AmtDtls", "TxAmt", "Amt"), ("CdtDbtInd",)})
NAMES: frozenset[Path] = frozenset(
    {
        ("Refs", "EndToEndId"),
        ("RmtInf", "Ustrd"),
        ("RmtInf", "Strd", "CdtrRefInf", "Ref"),
        ("RmtInf", "Strd", "RfrdDocInf", "Nb"),
    }
)
NOT_PROVIDED = "NOTPROVIDED"
MOST_NAMES = 200
NOT_KRONER = "must be kroner with at most two decimals"


@dataclass(slots=True)
class Part:
    """What stands in an entry, or in one of its transactions: texts and currencies by their paths, and names."""

    told: dict[Path, str] = field(default_factory=dict)
    currencies: dict[Path, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """An entry, by the line on which it begins."""

    line: int
    own: Part = field(default_factory=Part)
    transactions: list[Part] = field(default_factory=list)

    def begin(self, path: Path, attributes: dict[str, str]) -> None:
        """An element of the entry begins."""
        if path == TRANSACTION:
            self.transactions.append(Part())
        part, within, wanted = self._part(path)
        if within in wanted and within[-1:] == ("Amt",):
            if within in part.currencies:
                raise self._invalid(path, "must stand once")
            part.currencies[within] = attributes.get("Ccy", "")

    def tell(self, path: Path, text: str) -> None:
        """An element of the entry ends, with this text."""
        part, within, wanted = self._part(path)
        if within in NAMES:
            part.names += [name for word in text.split() if (name := word.strip(".,;:()")) and name != NOT_PROVIDED]
            if len(part.names) > MOST_NAMES:
                raise self._invalid(path, f"must be at most {MOST_NAMES} words")
        elif within in wanted and text:
            if within in part.told:
                raise self._invalid(path, "must stand once")
            part.told[within] = text

    def reported(self) -> Iterator[Reported]:
        """What the entry reports: nothing when it is not booked yet."""
        if not self._is_booked():
            return
        amount, on, place = self._amount(), self._day(), f"line {self.line}"
        is_reversal = self._is_reversal()
        parts = [self._of(one) for one in self.transactions]
        if parts and None not in parts and sum(part for part in parts if part is not None) == amount:
            for one, part in zip(self.transactions, parts, strict=True):
                yield Reported(tuple(one.names), part or 0, on, place, is_reversal)
        else:
            names = tuple(name for one in self.transactions for name in one.names)
            yield Reported(names, amount, on, place, is_reversal)

    def _part(self, path: Path) -> tuple[Part, Path, frozenset[Path]]:
        if self.transactions and path[:2] == TRANSACTION:
            return self.transactions[-1], path[2:], OF_A_TRANSACTION
        return self.own, path, OF_AN_ENTRY

    def _is_booked(self) -> bool:
        said = next((self.own.told[path] for path in STATUS if path in self.own.told), None)
        if said != BOOKED and said not in NOT_BOOKED:
            raise self._invalid(("Sts",), "must be BOOK, PDNG, INFO or FUTR")
        return said == BOOKED

    def _is_reversal(self) -> bool:
        said = YES_AND_NO.get(self.own.told.get(REVERSAL, ""))
        if said is None:
            raise self._invalid(REVERSAL, "must be true or false")
        return said

    def _amount(self) -> int:
        """The entry's amount in øre, with its sign."""
        sign = SIGNS.get(self.own.told.get(("CdtDbtInd",), ""))
        if sign is None:
            raise self._invalid(("CdtDbtInd",), "must be CRDT or DBIT")
        if self.own.currencies.get(("Amt",)) != "DKK":
            raise self._invalid(("Amt",), "must be in DKK")
        ore = _ore(self.own.told.get(("Amt",), ""))
        if ore is None:
            raise self._invalid(("Amt",), NOT_KRONER)
        return sign * ore

    def _of(self, one: Part) -> int | None:
        """A transaction's amount in øre, with its sign, or the entry's; None when it says none in kroner."""
        sign = SIGNS.get(one.told.get(("CdtDbtInd",), self.own.told.get(("CdtDbtInd",), "")))
        for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
            ore = _ore(one.told.get(path, ""))
            if sign is not None and ore is not None and one.currencies.get(path) == "DKK":
                return sign * ore
        return None

    def _day(self) -> date:
        """The day on which it was booked; of a moment with its time zone, the day in Copenhagen."""
        day, moment = (self.own.told.get(("BookgDt", one), "") for one in ("Dt", "DtTm"))
        try:
            if _DAY.fullmatch(day):
                return date.fromisoformat(day)
            if found := _MOMENT.fullmatch(moment):
                return day_of(datetime.fromisoformat(moment)) if found[1] else date.fromisoformat(moment[:10])
        except (ValueError, OverflowError):
            pass  # the 31st of February, refused below without its text
        raise self._invalid(("BookgDt",), "must be a day")

    def _invalid(self, path: Path, reason: str) -> Invalid:
        return Invalid(f"line {self.line}, {'/'.join(('Ntry', *path))}", reason)


def _ore(text: str) -> int | None:
    found = _AMOUNT.fullmatch(text)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None

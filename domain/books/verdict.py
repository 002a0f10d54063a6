"""Whether what is booked for a family is what its agreement says: no more, no less, nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.books.booking import BookingKind, Entry, reversal_entries
from domain.books.charges import Charge, ChargeKey
from domain.books.moving_out import corrections


class Fault(StrEnum):
    """What differs."""

    MISSING = "missing"
    UNEXPECTED = "unexpected"
    OTHER_AMOUNTS = "other_amounts"
    OTHER_DAY = "other_day"
    OTHER_VERSION = "other_version"


@dataclass(frozen=True, slots=True)
class Difference:
    """A booking that should be there and is not, should not be there and is, or is another than it should be."""

    fault: Fault
    kind: BookingKind
    rule: str
    period: int


@dataclass(frozen=True, slots=True)
class BookedCharge:
    """A booking as it stands in the books. One of an earlier version of ours may say no day for which it is due.

    `of_its_version` is whether it rests on the version of the agreement that its case has.
    """

    key: ChargeKey
    entries: tuple[Entry, ...]
    value_date: date | None = None
    of_its_version: bool = True


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a family stayed, as far as is known: None while it lives there. `guarantee_days` are its agreement's."""

    moved_in_on: date
    moved_out_on: date | None
    guarantee_days: int


def differences(
    plan: Sequence[Charge],
    booked: Sequence[BookedCharge],
    stay: Stay,
    *,
    on: date,
    claimed: Sequence[Charge] = (),
) -> Iterator[Difference]:
    """Every difference between the books and the plan, on a day whose own charges may still be to come.

    `claimed` are those of the claims that were accepted: each is booked at once, also after a move-out.
    """
    found = {one.key: one for one in booked if one.key[0] is not BookingKind.REVERSAL}
    turned = {(one.key[1], one.key[2]): one for one in booked if one.key[0] is BookingKind.REVERSAL}
    of_claims = {charge.key: charge for charge in claimed}
    planned = {charge.key: charge for charge in plan if charge.value_date <= on} | of_claims
    last = on if stay.moved_out_on is None else min(stay.moved_out_on, on)
    must = {key for key, charge in planned.items() if charge.value_date < last or charge.value_date == stay.moved_in_on}
    must |= of_claims.keys()
    corrected = _corrected([charge for key, charge in planned.items() if key in found], stay)
    expected = planned | {one.key: one for one in corrected.values() if one is not None}
    must |= {one.key for one in corrected.values() if one is not None}
    yield from (_difference(Fault.MISSING, key) for key in must - found.keys())
    for key, one in found.items():
        if key not in expected:
            yield _difference(Fault.UNEXPECTED, key)
        elif fault := _what_differs(one, expected[key].entries, expected[key].value_date):
            yield _difference(fault, key)
    yield from _reversals(corrected, found, turned)


def _corrected(booked: Sequence[Charge], stay: Stay) -> dict[ChargeKey, Charge | None]:
    """What has to be reversed, each with what is booked in its place."""
    if stay.moved_out_on is None:
        return {}
    found = corrections(
        booked, moved_in_on=stay.moved_in_on, moved_out_on=stay.moved_out_on, guarantee_days=stay.guarantee_days
    )
    return {one.charge.key: one.earned for one in found}


def _reversals(
    corrected: dict[ChargeKey, Charge | None],
    found: dict[ChargeKey, BookedCharge],
    turned: dict[tuple[str, int], BookedCharge],
) -> Iterator[Difference]:
    wanted = {(key[1], key[2]): found[key] for key in corrected}
    for rule, period in wanted.keys() - turned.keys():
        yield Difference(Fault.MISSING, BookingKind.REVERSAL, rule, period)
    for (rule, period), one in turned.items():
        if (rule, period) not in wanted:
            yield Difference(Fault.UNEXPECTED, BookingKind.REVERSAL, rule, period)
        elif fault := _what_differs(
            one, reversal_entries(wanted[rule, period].entries), wanted[rule, period].value_date
        ):
            yield Difference(fault, BookingKind.REVERSAL, rule, period)


def _what_differs(one: BookedCharge, entries: tuple[Entry, ...], value_date: date | None) -> Fault | None:
    if one.entries != entries:
        return Fault.OTHER_AMOUNTS
    if None not in (one.value_date, value_date) and one.value_date != value_date:
        return Fault.OTHER_DAY
    return None if one.of_its_version else Fault.OTHER_VERSION


def _difference(fault: Fault, key: ChargeKey) -> Difference:
    return Difference(fault, *key)

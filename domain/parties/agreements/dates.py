"""Rules for the days on which agreements hold: it is always clear on which a family's case begins."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from domain.parties.agreement import Agreement
from domain.parties.parties_file import Fault, Given

A_DAY = timedelta(days=1)
Versions = Mapping[tuple[str, int], Agreement]


def versions_in_order(given: Given) -> Iterator[Fault]:
    """Of two versions of an agreement the later one begins later, or on the same day."""
    known, every = given.known.versions, _every(given)
    for one in _new(given):
        for other in every.values():
            # Of two versions that are both new, the later one is told.
            if other.id != one.id or (other.version > one.version and (other.id, other.version) not in known):
                continue
            first, second = sorted((one, other), key=lambda version: version.version)
            if first.valid_from > second.valid_from:
                reason = f"overlaps version {other.version}, from {other.valid_from} on: a later version begins later"
                yield Fault(f"agreement {one.id}", "valid_from", reason, one.version)


def one_agreement_a_pair(given: Given) -> Iterator[Fault]:
    """On no day two agreements hold for the same pair of municipalities."""
    every, new = _every(given), _new(given)
    known = [one for one in every.values() if one not in new]
    for number, one in enumerate(new):
        for other in (*known, *new[:number]):
            pairs = _pairs(one) & _pairs(other)
            if other.id != one.id and pairs and _overlap(_days(one, every), _days(other, every)):
                sender, receiver = min(pairs)
                reason = (
                    f"{sender} → {receiver} is in agreement {other.id} version {other.version} on the same days: "
                    "leave the pair out, or let one of the two end with valid_until"
                )
                yield Fault(f"agreement {one.id}", "valid_from", reason, one.version)


def _new(given: Given) -> list[Agreement]:
    """The versions that a file brings; what is in force already was judged when it came."""
    return [one for one in given.file.agreements if (one.id, one.version) not in given.known.versions]


def _every(given: Given) -> Versions:
    """Every version as it is once the file is in."""
    return {(one.id, one.version): one for one in given.file.agreements} | dict(given.known.versions)


def _pairs(agreement: Agreement) -> set[tuple[str, str]]:
    return {(one, other) for one in agreement.sending for other in agreement.receiving if one != other}


def _days(agreement: Agreement, every: Versions) -> tuple[date, date]:
    """The first and the last day on which cases begin on a version: until its end, or until the next version begins."""
    later = [one.valid_from for one in every.values() if one.id == agreement.id and one.version > agreement.version]
    ends = agreement.valid_until or date.max
    return agreement.valid_from, min([ends, *(day - A_DAY for day in later if day > date.min)])


def _overlap(one: tuple[date, date], other: tuple[date, date]) -> bool:
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return first <= last

"""The books as a journal of Beancount (version 3), which anybody can check with `bean-check`."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domain.books.booking import BookingKind, Entry
from domain.books.shares import kroner

CURRENCY = "DKK"
_UNFIT = re.compile(r"[^0-9A-Za-zÆØÅæøå]+")


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as the journal tells it. `agreement` is the agreement and the version on which it rests.

    `pseudonym` is by what the housing association that takes part in it knows the case.
    """

    name: str
    reference: str
    kind: BookingKind
    rule: str
    agreement: str
    entry_date: date
    value_date: date
    entries: tuple[Entry, ...]
    pseudonym: str = ""


def journal(booked: Iterable[Booked]) -> Iterator[str]:
    """The journal, a line at a time: accounts are opened where they are first used."""
    opened: set[str] = set()
    yield f'option "title" "Udligning"\noption "operating_currency" "{CURRENCY}"\n'
    for one in booked:
        names = [account_name(entry.account, one.rule) for entry in one.entries]
        for name in names:
            if name not in opened:
                opened.add(name)
                yield f"{one.entry_date} open {name} {CURRENCY}\n"
        yield from _transaction(one, names)


def _transaction(one: Booked, names: Sequence[str]) -> Iterator[str]:
    yield f'\n{one.entry_date} * "{one.reference}" "{one.kind}"\n'
    yield f'  booking: "{one.name}"\n  rule: "{one.rule}"\n  agreement: "{one.agreement}"\n'
    yield f"  value_date: {one.value_date}\n"
    for name, entry in zip(names, one.entries, strict=True):
        yield f"  {name}  {kroner(entry.amount_ore)} {CURRENCY}\n"


def account_name(account: str, rule: str) -> str:
    """An account and the purpose of what stands on it, as Beancount writes names; no two are the same."""
    return ":".join(("Assets", *(_part(part) for part in (*re.split("[:/]", account), rule or "compensation"))))


def _part(text: str) -> str:
    """A part of a name: it begins with a capital or a digit; where a sign had to go, a digest keeps it apart."""
    fit = _UNFIT.sub("-", text).strip("-")
    fit = fit[:1].upper() + fit[1:]
    if fit.lower() == text.lower().replace("_", "-") and fit:
        return fit
    return f"{fit or 'X'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

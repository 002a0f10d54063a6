"""A party's own slice of the books: its bookings and payments of a month, each with its place in the audit chain.

An entry of the chain is hashed with what it says, so that nobody can compute from their own entries up to a checkpoint
without what the others' say. So the chain is told what was handed out: an event with the digest of the slice's lines is
bound as its end and signed there. The slice's first line is this event, with its checkpoint.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, func, select

import storage.tables  # noqa: F401  # every chained table is bound
from domain.audit import Link, canonical
from domain.books.accounts import DEPARTMENT, FUND, holder, rounding_account
from domain.books.months import last_day_of_month
from domain.errors import Invalid
from domain.parties.party import PartyKind, is_a, party_id
from domain.subject import Subject
from storage.audit.chain import bind, bind_alone, entries_in_the_chain
from storage.audit.checkpoints import SigningKeys, checkpoint
from storage.audit.events import AuditEvent
from storage.books.ledger import Booking, LedgerEntry
from storage.books.settlements import SettledPayment, Settlement
from storage.columns import id_of
from storage.parties.partners import partners

SLICE_EXPORTED = "slice_exported"
Entry = tuple[Link, Mapping[str, Any]]


def cut(session: Session, party: str, last_day: date, *, keys: SigningKeys, by: str, now: datetime) -> list[bytes]:
    """A party's slice of a month, line by line; that it was handed out is written down. `Invalid` for no party."""
    if party not in {one.party for one in partners(session)}:
        raise Invalid("party", "is not known here: write it as municipality:0461")
    if last_day != last_day_of_month(last_day):
        raise Invalid("month", f"{last_day} is not the last day of its month")
    while bind(session):
        pass
    after = session.exec(select(func.max(Settlement.last_day)).where(Settlement.last_day < last_day)).one()
    found = sorted(_entries(session, party, after, last_day), key=lambda one: one[0].seq)
    lines = [canonical(_told(link, facts)) + b"\n" for link, facts in found]
    said = {
        "party": party,
        "month": f"{last_day:%Y-%m}",
        "after": after.isoformat() if after else "",
        "until": last_day.isoformat(),
        "settled": "yes" if any(link.source == "settlement" for link, _ in found) else "no",
        "total_ore": str(sum(facts["amount_ore"] for link, facts in found if link.source == "ledger")),
        "lines": str(len(lines)),
        "digest": hashlib.sha256(b"".join(lines)).hexdigest(),
    }
    return [_signed(session, said, keys=keys, by=by, now=now), *lines]


def _signed(session: Session, said: dict[str, str], *, keys: SigningKeys, by: str, now: datetime) -> bytes:
    """The first line: the event that becomes the chain's end, and the checkpoint that is signed there."""
    event = AuditEvent(at=now, actor=by, deed=SLICE_EXPORTED, about=str(Subject.read(said["party"])), facts=said)
    session.add(event)
    session.flush()
    bind_alone(session, "event", id_of(event))
    ((link, facts),) = entries_in_the_chain(session, "event", [id_of(event)])
    signed = checkpoint(session, keys, now=now)
    if signed is None or signed.seq != link.seq:
        raise LookupError("the chain does not end where the slice was written down")
    told = {
        "at": signed.at,
        "public_key": base64.b64encode(signed.public_key).decode(),
        "signature": base64.b64encode(signed.signature).decode(),
    }
    return canonical(_told(link, facts) | {"signed": told}) + b"\n"


def _told(link: Link, facts: Mapping[str, Any]) -> dict[str, Any]:
    entry = {"facts": facts, "previous": link.previous, "seq": link.seq, "source": link.source}
    return {"entry": entry, "hash": link.hash}


def _entries(session: Session, party: str, after: date | None, last_day: date) -> Iterator[Entry]:
    """The chain's entries about a party's bookings, its own sides of them, the settlement, and its own payments."""
    day = col(Booking.entry_date)
    within = (day > after) if after else or_(day.is_(None), day > date.min)
    mine = (
        select(LedgerEntry.id, LedgerEntry.booking_id, LedgerEntry.account)
        .join(Booking, col(Booking.id) == LedgerEntry.booking_id)
        .where(_may_be_held_by(party), within, or_(day.is_(None), day <= last_day))
    )
    # SQLite finds names whatever their case.
    sides = [(number, booking) for number, booking, account in session.exec(mine) if holder(account) == party]
    yield from entries_in_the_chain(session, "ledger", {number for number, _ in sides if number})
    yield from entries_in_the_chain(session, "booking", {booking for _, booking in sides})
    settlement = session.exec(select(Settlement.id).where(Settlement.last_day == last_day)).first()
    if settlement is not None:
        yield from entries_in_the_chain(session, "settlement", [settlement])
        payments = select(SettledPayment.id).where(
            SettledPayment.settlement_id == settlement,
            or_(col(SettledPayment.payer) == party, col(SettledPayment.payee) == party),
        )
        yield from entries_in_the_chain(session, "settled_payment", {one for one in session.exec(payments) if one})


def _may_be_held_by(party: str) -> ColumnElement[bool]:
    """A condition for the accounts that a party holds, and perhaps some more."""
    account, name = col(LedgerEntry.account), party_id(party)
    if is_a(party, PartyKind.ASSOCIATION):
        return account.startswith(f"{DEPARTMENT}:{name}/", autoescape=True)
    return or_(
        account.in_((party, rounding_account(name))),
        account.startswith(f"{FUND}:{name}/", autoescape=True),
    )

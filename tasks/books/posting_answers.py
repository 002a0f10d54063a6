"""Asks finance systems what became of postings that they only took, and a person about what nobody answered."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from sqlmodel import Session

from domain.books.bookkeeping.posting_life import Known, PostingState, after, is_overdue
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports.finance import FinanceSystem, PostingAnswer
from domain.working_days import day_of
from storage.books.bookkeeping.states import (
    HeardFrom,
    ask_about,
    hear,
    known_of,
    postings_by_key,
    without_an_answer,
)
from storage.books.ledger import LedgerEntry
from storage.columns import needed
from storage.locks import hold_case
from storage.outbox import OutboxRow
from storage.parties.partners import partner_of
from tasks.platform import Platform

FINANCE = "finance"


@dataclass(slots=True)
class Heard:
    """How many postings of each party have another state now, which parties did not say, and how many are overdue."""

    answered: dict[str, int] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    overdue: int = 0


async def ask_for_answers(platform: Platform) -> Heard:
    """Ask every finance system that has postings without an answer; then have a person asked about what is overdue."""
    found = Heard()
    for party, since in _to_ask(platform).items():
        try:
            with platform.database.reading() as session:
                connection = partner_of(session, party).systems[FINANCE]
            system: FinanceSystem = platform.connect(FINANCE, connection)
            told = await system.answers(since)
        except (PartnerUnavailable, PartnerRefused):
            found.silent.append(party)
        else:
            found.answered[party] = write_down_answers(platform, party, told, heard_from=HeardFrom.ASKED)
    found.overdue = ask_about_overdue(platform)
    return found


def _to_ask(platform: Platform) -> dict[str, date]:
    """The parties with postings without an answer that can be asked, and the day from which they are asked."""
    since: dict[str, date] = defaultdict(lambda: date.max)
    with platform.database.reading() as session:
        for step, row in without_an_answer(session):
            if step.heard_from is not HeardFrom.FILE and FINANCE in partner_of(session, row.addressee).systems:
                since[row.addressee] = min(since[row.addressee], day_of(row.created_at))
    return dict(since)


def write_down_answers(platform: Platform, party: str, told: dict[str, PostingAnswer], *, heard_from: HeardFrom) -> int:
    """Write down what a party says of its postings, by key; returns of how many something is new."""
    with platform.database.reading() as session:
        rows = postings_by_key(session, party, told)
        new = [row for key, row in rows.items() if _is_new(session, row, told[key])]
    count = 0
    for row in new:
        # One case at a time is held: nobody waits for more than one posting.
        with platform.database.writing() as session:
            hold_case(session, needed(row.referral_id))
            count += hear(session, row, told[row.key], heard_from=heard_from, now=platform.now()) is not None
    return count


def _is_new(session: Session, row: OutboxRow, answer: PostingAnswer) -> bool:
    amount_ore = session.get_one(LedgerEntry, row.entry_id).amount_ore
    return after(known_of(session, row), answer, amount_ore=amount_ore) is not None


def ask_about_overdue(platform: Platform) -> int:
    """Put on the attention list what was sent and should have been answered; returns how many were put."""
    now = platform.now()
    late = partial(is_overdue, today=day_of(now), holidays=platform.holidays)
    with platform.database.writing() as session:
        return sum(
            ask_about(session, row, Known(PostingState.SENT), now=now)
            for step, row in without_an_answer(session)
            if late(day_of(step.at), in_a_file=step.heard_from is HeardFrom.FILE)
        )

"""What the families of a time would have cost under other terms, beside what they cost under their own."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from domain.books.accounts import holder
from domain.books.charges import MovedIn, planned
from domain.parties.compensation.model import Compensation
from domain.working_days import day_of
from storage.books.move_ins import facts_of
from storage.books.verdict import housed, offer_moved_in_by
from storage.parties.agreements import agreement_of


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a party receives for a time's families by their own terms and as proposed, in øre; negative: it pays."""

    party: str
    own_ore: int
    proposed_ore: int


def simulated(
    session: Session, proposed: Mapping[str, Compensation], *, first: date, last: date
) -> tuple[int, list[Simulated]]:
    """How many families moved in from one day to another under the agreements named, and what each party would receive.

    Whole plans are compared: what a family brings over all of its months, with no move-out. For the staircase families
    are counted in the order in which they moved in, from the first of January of the year in which the time begins.
    """
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    received: dict[tuple[str, str, int], int] = defaultdict(int)
    sent: dict[tuple[str, str, int], int] = defaultdict(int)
    count = 0
    for referral, housed_at in housed(session):
        agreement = agreement_of(session, referral.agreement_version_id)
        on = day_of(housed_at)
        if agreement.id not in proposed or on > last or on.year < first.year:
            continue
        facts = facts_of(session, referral, offer_moved_in_by(session, referral), moved_in_on=on)
        into, out = (agreement.id, facts.receiver, on.year), (agreement.id, facts.sender, on.year)
        counted = replace(facts, received_before=received[into], sent_before=sent[out])
        received[into] += 1
        sent[out] += 1
        if on >= first:
            count += 1
            _add(sums, 0, agreement.compensation, facts)
            _add(sums, 1, proposed[agreement.id], counted)
    return count, [Simulated(party, own, other) for party, (own, other) in sorted(sums.items())]


def _add(sums: dict[str, list[int]], column: int, terms: Compensation, facts: MovedIn) -> None:
    for charge in planned(terms, facts):
        for entry in charge.entries:
            sums[holder(entry.account)][column] += entry.amount_ore

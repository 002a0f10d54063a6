"""What the families of a time would have cost under other terms, beside what they cost under their own."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from domain.books.charges import MovedIn
from domain.books.planning.replay import Family, counted, replayed
from domain.parties.compensation.model import Compensation
from domain.working_days import day_of
from storage.books.move_ins import facts_of
from storage.books.verdict import housed
from storage.columns import id_of
from storage.parties.agreements import agreement_of, newest_agreements
from storage.vacancies.offers import offer_moved_in_by


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

    Whole plans are compared: what a family brings over all of its months, with no move-out.
    """
    found = replayed(past_families(session, proposed.keys(), first=first, last=last), [proposed])
    return found.families, [Simulated(row.name, *row.ores) for row in found.by_party]


def past_families(session: Session, agreements: Set[str], *, first: date, last: date) -> list[Family]:
    """The families that moved in from one day to another under some agreements, in the order in which they did.

    For the staircase they are counted from the first of January of the year in which the time begins.
    """
    own: list[Compensation] = []
    booked: list[MovedIn] = []
    for referral, housed_at in housed(session):
        agreement, on = agreement_of(session, referral.agreement_version_id), day_of(housed_at)
        if agreement.id in agreements and first.year <= on.year and on <= last:
            own.append(agreement.compensation)
            booked.append(facts_of(session, referral, offer_moved_in_by(session, id_of(referral)), moved_in_on=on))
    found = map(Family, own, booked, counted(booked))
    return [one for one in found if one.as_booked.on >= first]


def under_todays_terms(session: Session, families: list[MovedIn]) -> list[Family]:
    """Families that are invented, under the newest version of their agreements where there is one."""
    today = {one.id: one.compensation for one in newest_agreements(session)}
    return [Family(today.get(one.agreement), one, one) for one in families]

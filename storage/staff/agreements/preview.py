"""What a file's agreements would change before they are imported: terms, open cases, and who gains and who loses."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from domain.books.accounts import holder
from domain.books.charges import MovedIn, planned
from domain.books.months import months_later
from domain.parties.agreement import Agreement
from domain.parties.agreements.changes import FieldChange, still_met
from domain.parties.agreements.reasons_to_stay import why_left
from domain.referrals.lifecycle import Status
from domain.working_days import day_of
from storage.books.move_ins import facts_of
from storage.books.simulation import Simulated, simulated
from storage.parties.agreements import agreement_versions, changed_fields
from storage.staff.agreements.open_cases import Held, under

MONTHS_BACK = -12
# In the place of a home that is not found yet, and of its municipality and association.
NOT_FOUND_YET = "not found yet"


@dataclass(frozen=True, slots=True)
class Standing:
    """How many open cases stand in a status under a version, what each would still meet, and which could not move."""

    status: Status
    version: int
    cases: int
    meets: tuple[FieldChange, ...]
    left: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a version of an agreement would change against the newest one in force; `against` is None for a new one.

    `open_cases_ore` are whole plans as if each open family moved in now; `housed_ore` those of the families housed in
    the last twelve months.
    """

    agreement: str
    version: int
    against: int | None
    valid_from: date
    changes: tuple[FieldChange, ...]
    standings: tuple[Standing, ...]
    open_cases_ore: tuple[Simulated, ...]
    housed: int
    housed_ore: tuple[Simulated, ...]


def previews(session: Session, agreements: Iterable[Agreement], *, now: datetime) -> list[Preview]:
    """What each agreement of a file would change that is not here yet. Nothing is written."""
    there, today = agreement_versions(session), day_of(now)
    found = []
    for one in sorted(agreements, key=lambda agreement: (agreement.id, agreement.version)):
        if (one.id, one.version) not in there:
            begun = [other for other in there.values() if other.id == one.id and other.valid_from <= today]
            before = max(begun, key=lambda other: (other.valid_from, other.version), default=None)
            found.append(_preview(session, one, before, now=now))
    return found


def _preview(session: Session, new: Agreement, before: Agreement | None, *, now: datetime) -> Preview:
    cases, today = under(session, new.id), day_of(now)
    year_ago = months_later(today, MONTHS_BACK)
    housed, housed_ore = simulated(session, {new.id: new.compensation}, first=year_ago, last=today)
    return Preview(
        agreement=new.id,
        version=new.version,
        against=before.version if before else None,
        valid_from=new.valid_from,
        changes=changed_fields(before, new) if before else (),
        standings=tuple(_standings(cases, new, now=now)),
        open_cases_ore=tuple(_planned(session, cases, new, on=max(today, new.valid_from))),
        housed=housed,
        housed_ore=tuple(housed_ore),
    )


def _standings(cases: Sequence[Held], new: Agreement, *, now: datetime) -> Iterable[Standing]:
    """By status, in the order of the path, and by the version under which the cases are."""
    groups: dict[tuple[Status, int], list[Held]] = defaultdict(list)
    for one in cases:
        groups[one.case.status, one.agreement.version].append(one)
    for (status, version), some in sorted(
        groups.items(), key=lambda group: (list(Status).index(group[0][0]), group[0])
    ):
        old = some[0].agreement
        met = [change for change in changed_fields(old, new) if still_met(change, some[0].case.waits_for(new), new)]
        why = [(one.case.reference, tuple(why_left(one.case, old, new, now=now))) for one in some]
        yield Standing(status, version, len(some), tuple(met), tuple(one for one in why if one[1]))


def _planned(session: Session, cases: Sequence[Held], new: Agreement, *, on: date) -> list[Simulated]:
    """What each party would receive for the open cases, by their own terms and by the new ones."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in cases:
        facts = _as_if_moved_in(session, one, on=on)
        for column, terms in enumerate((one.agreement.compensation, new.compensation)):
            for charge in planned(terms, facts):
                for entry in charge.entries:
                    sums[holder(entry.account)][column] += entry.amount_ore
    return [Simulated(party, own, proposed) for party, (own, proposed) in sorted(sums.items())]


def _as_if_moved_in(session: Session, held: Held, *, on: date) -> MovedIn:
    """A family as if it moved in on a day; without a home as long as none is found, so that no rent is counted."""
    if held.offer is not None:
        return facts_of(session, held.referral, held.offer, moved_in_on=on)
    return MovedIn(
        agreement=held.agreement.id,
        sender=held.referral.sending_municipality,
        receiver=NOT_FOUND_YET,
        association=NOT_FOUND_YET,
        department="",
        on=on,
        reserved_on=on,
        rent_monthly_ore=0,
        children=held.referral.children,
    )

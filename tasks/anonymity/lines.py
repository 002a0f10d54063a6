"""The lines of waiting requests, one for each recipient, and which of them may go out together now."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby

from sqlmodel import Session

from domain.anonymity.measure import AnonymityTerms, Crowd, Sought
from domain.anonymity.request_groups import Had, Together, Waiting, ready, sending, with_a_yes
from domain.parties.agreement import Agreement
from domain.parties.party import party_id
from storage.parties.agreements import agreement_of
from storage.privacy.releases import InLine, in_line, others_had, told_before
from tasks.anonymity.crowds import Seekers, as_asked, seekers_in
from tasks.platform import Platform


@dataclass(frozen=True, slots=True)
class Line:
    """The requests that wait for one recipient and look alike by their agreement."""

    recipient: str
    agreement: Agreement
    rows: tuple[InLine, ...]

    def is_due(self, now: datetime) -> bool:
        """Whether a sending day has come for one of them: then all of them may go."""
        return any(row.due_at <= now for row in self.rows)


@dataclass(frozen=True, slots=True)
class Missed:
    """A sending day that found too few like a family: how many alike it would go with, and how large the crowd is."""

    recipient: str
    alike: int
    crowd: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes out now, by recipient, and the requests that the sending day missed, by referral."""

    groups: list[tuple[str, Together]]
    missed: dict[int, list[Missed]]


def planned(platform: Platform) -> Plan:
    """Look at all waiting requests, and find those that may go out together."""
    now, terms, plan = platform.now(), platform.anonymity, Plan([], defaultdict(list))
    with platform.database.reading() as session:
        seekers = cache(lambda: seekers_in(session, platform))
        for line in _lines(in_line(session), session):
            if line.is_due(now) or len(line.rows) >= terms.wanted:
                _plan_line(plan, line, session, seekers, terms=terms, now=now)
    return plan


def _lines(rows: list[InLine], session: Session) -> Iterator[Line]:
    for recipient, theirs in groupby(rows, key=lambda row: row.recipient):
        by_looks: dict[tuple[object, ...], list[InLine]] = defaultdict(list)
        for row in theirs:
            by_looks[as_asked(agreement_of(session, row.agreement_version_id))].append(row)
        for alike in by_looks.values():
            yield Line(recipient, agreement_of(session, alike[0].agreement_version_id), tuple(alike))


def _plan_line(
    plan: Plan,
    line: Line,
    session: Session,
    seekers: Callable[[], Seekers],
    *,
    terms: AnonymityTerms,
    now: datetime,
) -> None:
    told = told_before(session, line.recipient, [row.referral_id for row in line.rows])
    waits = [
        Waiting(row.referral_id, _sought(row, seekers()), told.get(row.referral_id), row.least) for row in line.rows
    ]
    association = party_id(line.recipient)
    crowd: Callable[[], Crowd] = lambda: seekers().whom_an_association_may_be_asked_about(association, line.agreement)  # noqa: E731  # looked up only where enough wait
    if not line.is_due(now):
        plan.groups.extend((line.recipient, group) for group in ready(waits, crowd, terms))
        return
    since = now - timedelta(days=terms.window_days)
    had: Had = lambda seen, but: others_had(session, line.recipient, seen, since=since, but=but)  # noqa: E731
    groups = sending(waits, crowd(), terms, had=had)
    plan.groups.extend((line.recipient, group) for group in groups)
    going = {one.id for group in groups for one in group.waits}
    left = [one for one in waits if one.id not in going]
    due = {row.referral_id for row in line.rows if row.due_at <= now}
    for one in left:
        if one.id in due:
            alike = with_a_yes(one, left, crowd(), terms, had=had)
            plan.missed[one.id].append(Missed(line.recipient, alike, crowd().size))


def _sought(row: InLine, seekers: Seekers) -> Sought:
    region = row.wanted_region or seekers.region(row.agreement_version_id)
    return Sought(row.rooms_min, row.rent_max_monthly_ore, row.move_in_from, row.step_free, region)

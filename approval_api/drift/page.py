"""The operations page (drift): feeds, outbox, questions, and what needs a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from approval_api.drift.lines import (
    AttentionLine,
    FeedLine,
    OverdueLine,
    Runs,
    ScheduleLine,
    attention_line,
    feed_line,
    overdue_line,
    schedule_line,
)
from approval_api.sitting import Party, Person
from domain.errors import Invalid
from domain.feeds.contract import FIELDS
from domain.parties.party import Partner, PartyKind
from domain.referrals.lifecycle import Status
from storage.attention import open_items
from storage.feeds.feeds import FeedLoad, held_load
from storage.feeds.quarantine import FieldMapping, QuarantinedRow
from storage.feeds.review import Held, dropped, held, in_quarantine, mappings
from storage.operations.overview import (
    QuestionsWaiting,
    Waiting,
    feed_states,
    nights,
    outbox_waiting,
    overdue_questions,
    questions_waiting,
    referrals_by_status,
)
from storage.operations.schedules import all_schedules
from storage.parties.partners import partners

MOST_OVERDUE = 50


@dataclass(frozen=True, slots=True)
class DriftPage:
    """Everything that the operations page shows, at one moment."""

    person: Person
    at: datetime
    feeds: tuple[FeedLine, ...]
    attention: tuple[AttentionLine, ...]
    outbox: Waiting
    outbox_age: timedelta | None
    questions: tuple[QuestionsWaiting, ...]
    overdue: tuple[OverdueLine, ...]
    referrals: dict[Status, int]
    schedules: tuple[ScheduleLine, ...] = ()

    @property
    def overdue_count(self) -> int:
        """How many questions are past their deadline, listed or not."""
        return sum(one.overdue for one in self.questions)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One association's feed: its nights, the load that waits for a person, its quarantine and its mapped words.

    `fields` are the fields whose words can be mapped.
    """

    person: Person
    at: datetime
    line: FeedLine
    nights: tuple[FeedLoad, ...]
    held: Held | None
    rows: tuple[QuarantinedRow, ...]
    dropped: tuple[QuarantinedRow, ...]
    mappings: tuple[FieldMapping, ...]
    done: str = ""
    errors: tuple[Invalid, ...] = ()
    fields: tuple[str, ...] = FIELDS[1:]

    @property
    def association(self) -> Partner:
        """Whose feed it is."""
        return self.line.state.association


def operators_with_login(session: Session) -> tuple[Party, ...]:
    """The operators with a login, at which people log in to these pages."""
    known = [one for one in partners(session) if one.kind is PartyKind.OPERATOR and one.login]
    return tuple(Party(one.party, one.name) for one in known)


def drift_page(session: Session, person: Person, runs: Runs, *, now: datetime, machine_now: datetime) -> DriftPage:
    """The operations page. Schedules are compared with the machine's clock, all else with `now`."""
    outbox = outbox_waiting(session)
    return DriftPage(
        person=person,
        at=now,
        feeds=tuple(feed_line(state, runs, now) for state in feed_states(session, now=now)),
        attention=tuple(attention_line(session, item, runs) for item in open_items(session)),
        outbox=outbox,
        outbox_age=now - outbox.since if outbox.since else None,
        questions=tuple(questions_waiting(session, now=now)),
        overdue=tuple(overdue_line(session, one) for one in overdue_questions(session, now=now, most=MOST_OVERDUE)),
        referrals=referrals_by_status(session),
        schedules=tuple(schedule_line(one, runs, machine_now) for one in all_schedules(session)),
    )


def feed_page(
    session: Session, person: Person, association_id: str, runs: Runs, *, now: datetime, done: str = ""
) -> FeedPage | None:
    """The page of one association's feed; None when it has none."""
    state = next((one for one in feed_states(session, now=now) if one.association.id == association_id), None)
    if state is None:
        return None
    return FeedPage(
        person=person,
        at=now,
        line=feed_line(state, runs, now),
        nights=tuple(nights(session, association_id)),
        held=held(session, association_id) if held_load(session, association_id) else None,
        rows=tuple(in_quarantine(session, association_id)),
        dropped=tuple(dropped(session, association_id)),
        mappings=tuple(mappings(session, association_id)),
        done=done,
    )

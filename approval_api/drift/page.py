"""The operations page (drift): what its reader sees of feeds, outbox, questions and what needs a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from approval_api.sitting import Person
from domain.errors import Invalid
from domain.feeds.contract import FIELDS
from domain.parties.party import Contact, Partner, PartyKind
from domain.referrals.lifecycle import Status
from storage.areas.area_names import AreaName
from storage.areas.places import municipality_names
from storage.attention import AttentionItem, open_items
from storage.feeds.feeds import FeedLoad, held_load
from storage.feeds.quarantine import FieldMapping, QuarantinedRow
from storage.feeds.review import Held, dropped, held, in_quarantine, mappings
from storage.operations.overview import (
    FeedState,
    QuestionsWaiting,
    Waiting,
    feed_states,
    last_run,
    nights,
    outbox_waiting,
    overdue_questions,
    questions_waiting,
    referrals_by_status,
)
from storage.parties.parties import partner, partners
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral
from storage.schedules import Schedule, all_schedules

# One night may fail; when the second has too, somebody should know.
OLD_AFTER = timedelta(hours=36)
MOST_OVERDUE = 50


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed in the list."""

    state: FeedState
    age: timedelta | None
    is_old: bool
    run_at: str


@dataclass(frozen=True, slots=True)
class AttentionLine:
    """Something that needs a person: a case, a party or a feed.

    `open_at` is the page about it, `run_at` the Prefect run; empty when there is none.
    """

    item: AttentionItem
    about: str
    open_at: str
    run_at: str

    @property
    def may_be_tried_again(self) -> bool:
        """Whether there is something to try again; a feed comes again by itself."""
        return self.item.referral_id is not None or self.item.subject.startswith(("outbox:", "question:"))


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """A question whose deadline has passed, and who was asked; None is the family."""

    question: Question
    party: str | None
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """What runs by itself, and whether it has not when it should have: also when no worker is there to ask about it."""

    schedule: Schedule
    is_late: bool
    run_at: str


@dataclass(frozen=True, slots=True)
class DriftPage:
    """All of it at one moment."""

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
    """One association's feed: its nights, what waits for a person, its quarantine and its words.

    `fields` are those whose words can be mapped.
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


class Runs:
    """Where a flow run is found in the Prefect UI."""

    def __init__(self, prefect_url: str) -> None:
        self._url = prefect_url.rstrip("/")

    def __call__(self, flow_run_id: str | None) -> str:
        """Its address; empty when there is no run, or nobody has said where Prefect is."""
        return f"{self._url}/runs/flow-run/{flow_run_id}" if self._url and flow_run_id else ""


def drift_page(session: Session, person: Person, runs: Runs, *, now: datetime, machine_now: datetime) -> DriftPage:
    """The operations page. What runs by itself keeps to the machine's own time."""
    outbox = outbox_waiting(session)
    return DriftPage(
        person=person,
        at=now,
        feeds=tuple(_feed_line(state, runs, now) for state in feed_states(session, now=now)),
        attention=tuple(_attention_line(session, item, runs) for item in open_items(session)),
        outbox=outbox,
        outbox_age=now - outbox.since if outbox.since else None,
        questions=tuple(questions_waiting(session, now=now)),
        overdue=tuple(_overdue_line(session, one) for one in overdue_questions(session, now=now, most=MOST_OVERDUE)),
        referrals=referrals_by_status(session),
        schedules=tuple(_schedule_line(one, runs, machine_now) for one in all_schedules(session)),
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
        line=_feed_line(state, runs, now),
        nights=tuple(nights(session, association_id)),
        held=held(session, association_id) if held_load(session, association_id) else None,
        rows=tuple(in_quarantine(session, association_id)),
        dropped=tuple(dropped(session, association_id)),
        mappings=tuple(mappings(session, association_id)),
        done=done,
    )


def _feed_line(state: FeedState, runs: Callable[[str | None], str], now: datetime) -> FeedLine:
    age = now - state.last_good_at if state.last_good_at else None
    return FeedLine(
        state=state,
        age=age,
        is_old=age is None or age > OLD_AFTER,
        run_at=runs(state.last.flow_run_id if state.last else None),
    )


def _schedule_line(one: Schedule, runs: Runs, now: datetime) -> ScheduleLine:
    return ScheduleLine(one, one.is_late(now=now), runs(one.flow_run_id))


def _attention_line(session: Session, item: AttentionItem, runs: Runs) -> AttentionLine:
    kind, _, about = item.subject.partition(":")
    referral = session.get(Referral, item.referral_id) if item.referral_id is not None else None
    return AttentionLine(
        item=item,
        about=referral.reference if referral else _named(session, item.subject),
        open_at=f"/drift/feeds/{about}" if kind in ("feed", "push") else "",
        run_at=runs(last_run(session, item)),
    )


def _named(session: Session, subject: str) -> str:
    """A subject by the name of its party, where it is one, or of an area as somebody wrote it."""
    kind, _, about = subject.partition(":")
    if kind == "area_name" and (named := session.get(AreaName, int(about))) is not None:
        return f"{named.called} ({municipality_names(session)[named.municipality]})"
    if kind == "schedule":
        return about
    association = f"{PartyKind.ASSOCIATION}:{about}"
    of_party = about.partition("/")[0]
    by_kind = {"feed": association, "push": association, "lane": of_party, "contact": of_party, "areas": about}
    party = by_kind.get(kind, subject)
    return next((known.name for known in partners(session) if known.party == party), subject)


def _overdue_line(session: Session, question: Question) -> OverdueLine:
    if question.asked_of == FAMILY:
        return OverdueLine(question, None, None)
    asked = partner(session, question.asked_of)
    return OverdueLine(question, asked.name, asked.contact(question.contact_id))

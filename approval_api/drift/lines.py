"""The lines of the operations pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from domain.parties.party import Contact, association
from domain.questions.addressee import Addressee
from domain.subject import About, Subject
from storage.areas.area_names import AreaName
from storage.areas.places import municipality_names
from storage.attention import AttentionItem
from storage.operations.overview import (
    FeedState,
    last_run,
)
from storage.operations.schedules import Schedule
from storage.outbox import party_of_lane
from storage.parties.partners import partner_of, partners
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral

# One night may fail; after the second one the feed is marked as old.
OLD_AFTER = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed in the list; `age` is that of its last good night."""

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
        """Whether it can be tried again by hand; a feed is fetched again every night anyway."""
        return self.item.referral_id is not None or self.item.about.kind in (About.OUTBOX, About.QUESTION)


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """A question whose deadline has passed, and who was asked; both are None when it is the family."""

    question: Question
    party: str | None
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """A schedule and whether its run is late; read from the database, so that it is known when no worker runs too."""

    schedule: Schedule
    is_late: bool
    run_at: str


class Runs:
    """The addresses of flow runs in the Prefect UI."""

    def __init__(self, prefect_url: str) -> None:
        self._url = prefect_url.rstrip("/")

    def __call__(self, flow_run_id: str | None) -> str:
        """A run's address; empty when there is no run, or Prefect's address is not set."""
        return f"{self._url}/runs/flow-run/{flow_run_id}" if self._url and flow_run_id else ""


def feed_line(state: FeedState, runs: Callable[[str | None], str], now: datetime) -> FeedLine:
    """A feed, and the age of its last good night."""
    age = now - state.last_good_at if state.last_good_at else None
    return FeedLine(
        state=state,
        age=age,
        is_old=age is None or age > OLD_AFTER,
        run_at=runs(state.last.flow_run_id if state.last else None),
    )


def schedule_line(one: Schedule, runs: Runs, now: datetime) -> ScheduleLine:
    """A schedule, and whether it is late."""
    return ScheduleLine(one, one.is_late(now=now), runs(one.flow_run_id))


def attention_line(session: Session, item: AttentionItem, runs: Runs) -> AttentionLine:
    """An item of the attention list, with the name of its subject."""
    about = item.about
    referral = session.get(Referral, item.referral_id) if item.referral_id is not None else None
    return AttentionLine(
        item=item,
        about=referral.reference if referral else _named(session, about),
        open_at=f"/drift/feeds/{about.name}" if about.kind in (About.FEED, About.PUSH) else "",
        run_at=runs(last_run(session, item)),
    )


def _named(session: Session, subject: Subject) -> str:
    """A subject's name: a party's own name, an area name as it was written, or else the subject's text."""
    name = subject.name or ""
    if subject.kind == About.AREA_NAME and (named := session.get(AreaName, subject.number)) is not None:
        return f"{named.called} ({municipality_names(session)[named.municipality]})"
    if subject.kind == About.SCHEDULE:
        return name
    match subject.kind:
        case About.FEED | About.PUSH:
            party = association(name)
        case About.CONTACT:
            party = Addressee.read(name).party
        case About.LANE:
            party = party_of_lane(name)
        case About.AREAS:
            party = name
        case _:
            party = str(subject)
    return next((known.name for known in partners(session) if known.party == party), str(subject))


def overdue_line(session: Session, question: Question) -> OverdueLine:
    """An overdue question, and who has not answered it."""
    if question.asked_of == FAMILY:
        return OverdueLine(question, None, None)
    asked = partner_of(session, question.asked_of)
    return OverdueLine(question, asked.name, asked.contact(question.contact_id))

"""The state of feeds, outbox, questions and cases, for the operations page and for Prometheus."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, text
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.feeds.load import LoadKind
from domain.parties.party import Partner
from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import Status
from domain.subject import About
from storage.attention import AttentionItem
from storage.feeds.feeds import Feed, FeedLoad
from storage.feeds.quarantine import QUOTA_LASTS, QuarantinedRow, RowStanding
from storage.operations.schedules import Schedule
from storage.outbox import OutboxRow
from storage.parties.partners import partners
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy, VacancyStanding

NIGHTS_SHOWN = 30
# Bands for how long a question has waited, in days; the last has no upper end.
AGES = {"up to 1 day": 1, "up to 3 days": 3, "up to 7 days": 7, "older": 0}


@dataclass(frozen=True, slots=True)
class FeedState:
    """An association's feed now: its last night, what waits for a person, and what is kept of it."""

    association: Partner
    last_good_at: datetime | None
    last: FeedLoad | None
    held: bool
    available: int
    in_quarantine: int
    # How many wrong rows of the last day went beyond the quarantine's daily limit.
    not_kept: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows wait, and since when the oldest has waited."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class QuestionsWaiting:
    """The questions of a kind that wait for an answer, and how many of them are past their deadline."""

    kind: QuestionKind
    waiting: Waiting
    overdue: int


_AVAILABLE = (
    select(Vacancy.association, func.count())
    .where(Vacancy.standing == VacancyStanding.AVAILABLE)
    .group_by(Vacancy.association)
)
_KEPT = (
    select(QuarantinedRow.association, func.count())
    .where(QuarantinedRow.standing == RowStanding.KEPT)
    .group_by(QuarantinedRow.association)
)


def feed_states(session: Session, *, now: datetime) -> list[FeedState]:
    """Every association with a feed, by its id."""
    good = dict(session.exec(select(Feed.association, Feed.last_good_at)).all())
    newest = select(func.max(FeedLoad.id)).where(FeedLoad.kind == LoadKind.NIGHT).group_by(col(FeedLoad.association))
    last = {load.association: load for load in session.exec(select(FeedLoad).where(col(FeedLoad.id).in_(newest)))}
    held = set(session.exec(select(FeedLoad.association).where(text("standing = 'held'"))))
    homes = dict(session.exec(_AVAILABLE).all())
    kept = dict(session.exec(_KEPT).all())
    not_kept = not_kept_lately(session, now=now)
    return [
        FeedState(
            association=known,
            last_good_at=good.get(known.id),
            last=last.get(known.id),
            held=known.id in held,
            available=homes.get(known.id, 0),
            in_quarantine=kept.get(known.id, 0),
            not_kept=not_kept.get(known.id, 0),
        )
        for known in partners(session)
        if "vacancy_feed" in known.systems
    ]


def not_kept_lately(session: Session, *, now: datetime) -> dict[str, int]:
    """How many wrong rows of the last day were not kept in quarantine, by association."""
    query = (
        select(FeedLoad.association, func.sum(FeedLoad.not_kept))
        .where(col(FeedLoad.started_at) > now - QUOTA_LASTS, FeedLoad.not_kept > 0)
        .group_by(FeedLoad.association)
    )
    return dict(session.exec(query).all())


def nights(session: Session, association: str, *, most: int = NIGHTS_SHOWN) -> list[FeedLoad]:
    """The last nights of a feed, oldest first."""
    query = select(FeedLoad).where(FeedLoad.association == association, FeedLoad.kind == LoadKind.NIGHT)
    return list(session.exec(query.order_by(col(FeedLoad.id).desc()).limit(most)))[::-1]


def outbox_waiting(session: Session) -> Waiting:
    """How much is still to be told."""
    return Waiting(
        *session.exec(
            select(func.count(), func.min(OutboxRow.created_at)).where(text("outbox.standing = 'waiting'"))
        ).one()
    )


def questions_waiting(session: Session, *, now: datetime) -> list[QuestionsWaiting]:
    """How many questions wait for people, by kind."""
    found = session.exec(
        select(
            Question.kind,
            func.count(),
            func.min(Question.asked_at),
            func.count().filter(col(Question.answer_by) < now),
        )
        .where(Question.standing == Standing.OPEN)
        .group_by(col(Question.kind))
    )
    return [
        QuestionsWaiting(QuestionKind(kind), Waiting(count, since), overdue) for kind, count, since, overdue in found
    ]


def questions_by_age(session: Session, *, now: datetime) -> Iterator[tuple[QuestionKind, str, int]]:
    """How many questions have waited how long, by kind and age; every kind and every age of `AGES` is there."""
    asked, younger = col(Question.asked_at), now
    counts = []
    for days in AGES.values():
        older = now - timedelta(days=days) if days else None
        counts.append(func.count().filter(asked <= younger, asked > older if older else asked.is_not(None)))
        younger = older or younger
    query = (
        sa_select(col(Question.kind), *counts).where(col(Question.standing) == Standing.OPEN).group_by(Question.kind)
    )
    found = {row[0]: row[1:] for row in session.connection().execute(query)}
    for kind in QuestionKind:
        yield from ((kind, age, count) for age, count in zip(AGES, found.get(kind, [0] * len(AGES)), strict=True))


def overdue_questions(session: Session, *, now: datetime, most: int) -> list[Question]:
    """The questions whose deadline has passed, the oldest first."""
    query = select(Question).where(Question.standing == Standing.OPEN, col(Question.answer_by) < now)
    return list(session.exec(query.order_by(col(Question.answer_by)).limit(most)))


def referrals_by_status(session: Session) -> dict[Status, int]:
    """How many cases rest in each status; every status is there."""
    found = dict(session.exec(select(Referral.status, func.count()).group_by(col(Referral.status))).all())
    return {status: found.get(status, 0) for status in Status}


def last_run(session: Session, item: AttentionItem) -> str | None:
    """The last Prefect flow run that concerned an item's subject."""
    about = item.about
    if about.kind == About.SCHEDULE:
        query = select(Schedule.flow_run_id).where(Schedule.name == about.name)
    elif about.kind == About.FEED:
        query = select(FeedLoad.flow_run_id).where(FeedLoad.association == about.name).order_by(col(FeedLoad.id).desc())
    else:
        query = (
            select(HistoryLine.flow_run_id)
            .where(HistoryLine.referral_id == item.referral_id, col(HistoryLine.flow_run_id).is_not(None))
            .order_by(col(HistoryLine.id).desc())
        )
    return session.exec(query.limit(1)).first()

"""Finds a leg's due referrals and moves each in its own transaction."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import Exists, Select, bindparam, literal
from sqlmodel import col, select

from domain import patience
from domain.errors import MovedMeanwhile, TilflytError
from domain.questions.question import Answer, QuestionKind
from domain.referrals.lifecycle import Status
from domain.subject import About
from storage.attention import ask_for_attention
from storage.columns import UtcDateTime
from storage.questions.answers import IS_RIPE
from storage.questions.questions import Question
from storage.referrals.referrals import Referral, anything_due, lock
from tasks.case import Case
from tasks.path.legs import Leg
from tasks.platform import Platform

ATTEMPTS_BEFORE_A_PERSON = 5
MOST_A_LEG = 5_000


@dataclass(frozen=True, slots=True)
class Due:
    """A referral that a leg should look at, and the status that it should reach."""

    id: int
    reference: str
    municipality: str
    status: Status
    expected: Status

    @property
    def outlook(self) -> str:
        """The move, in the words that staff read."""
        same = self.status is self.expected
        return f"{self.reference}: {self.status}" + ("" if same else f" → {self.expected}")


@dataclass(frozen=True, slots=True)
class Moved:
    """A referral's move from one status to another; the same status twice when it rested."""

    reference: str
    was: Status
    now: Status


@dataclass(slots=True)
class LegReport:
    """What a leg did: references and codes only, because Prefect keeps it."""

    leg: str
    moved: list[Moved] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    municipalities: set[str] = field(default_factory=set)

    def add(self, other: "LegReport") -> None:
        """Add what another part of the leg did."""
        self.moved += other.moved
        self.failed |= other.failed


def _ripe_question(kind: QuestionKind, *answered: Answer) -> Exists:
    question = select(Question.id).where(Question.referral_id == Referral.id, Question.kind == kind, IS_RIPE)
    return (question.where(col(Question.answer).in_(answered)) if answered else question).exists()


def anything_is_due(platform: Platform) -> bool:
    """Whether any leg should look at a referral now."""
    with platform.database.reading() as session:
        return anything_due(session, now=platform.now())


@cache
def _due(leg: Leg) -> Select[tuple[int, str, str, Status, bool]]:
    """The query for a leg's due referrals, built once: building takes longer than running, and it runs often."""
    query = select(Referral.id, Referral.reference, Referral.sending_municipality, Referral.status)
    query = query.where(col(Referral.due_at) <= bindparam("now", type_=UtcDateTime()))
    query = query.order_by(col(Referral.due_at)).limit(MOST_A_LEG)
    if leg.status is None:
        query = query.where(col(Referral.stop_requested).is_not(None), Referral.status != leg.onward)
    else:
        query = query.where(Referral.status == leg.status)
    if leg.disclosed is not None:
        disclosed = col(Referral.disclosure_due_at).is_(None)
        query = query.where(disclosed if leg.disclosed else ~disclosed)
    if leg.answers and leg.only_answered:
        query = query.where(_ripe_question(leg.answers))
    said_yes = _ripe_question(leg.answers, Answer.YES) if leg.answers else literal(True)
    return query.add_columns(said_yes)


def due(platform: Platform, leg: Leg, *, now: datetime) -> list[Due]:
    """The referrals that a leg should look at, longest due first."""
    with platform.database.reading() as session:
        rows = session.execute(_due(leg), {"now": now}).all()
    return [
        Due(id_, reference, municipality, status, expected=leg.onward if yes else status)
        for id_, reference, municipality, status, yes in rows
    ]


def move_each(platform: Platform, leg: Leg, ids: Sequence[int], *, flow_run_id: str | None = None) -> LegReport:
    """Carry each referral one leg on, each in its own transaction; one that fails stays behind alone."""
    with platform.database.turn_for_many:
        report = _moved(platform, leg, ids, flow_run_id)
        if leg.afterwards and report.moved:
            for referral_id, why in leg.afterwards(platform, flow_run_id).items():
                report.failed[_stay_behind(platform, referral_id, why)] = _code(why)
    return report


def _moved(platform: Platform, leg: Leg, ids: Sequence[int], flow_run_id: str | None) -> LegReport:
    report = LegReport(leg.name)
    beforehand = (leg.beforehand(platform),) if leg.beforehand else ()
    for referral_id in ids:
        try:
            if (moved := _move(platform, leg, referral_id, beforehand, flow_run_id)) is not None:
                report.moved.append(moved)
        except MovedMeanwhile:
            continue
        except Exception as error:  # whatever the error is, it concerns this referral alone
            report.failed[_stay_behind(platform, referral_id, error)] = _code(error)
    return report


def _move(
    platform: Platform, leg: Leg, referral_id: int, beforehand: tuple[object, ...], flow_run_id: str | None
) -> Moved | None:
    with platform.database.turn:
        seen = (_look(platform, leg.look, referral_id, beforehand),) if leg.look else beforehand
        with platform.database.writing() as session:
            now = platform.now()
            referral = lock(session, referral_id, skip_locked=True)
            if referral is None or referral.due_at is None or referral.due_at > now:
                return None
            if leg.status and (referral.status is not leg.status or referral.stop_requested is not None):
                return None
            was = referral.status
            leg.deed(Case(platform, session, referral, now, flow_run_id), *seen)
            session.flush()
            return Moved(referral.reference, was, referral.status)


def _look(platform: Platform, look: Callable[..., object], referral_id: int, beforehand: tuple[object, ...]) -> object:
    with platform.database.reading() as session:
        return look(Case(platform, session, session.get_one(Referral, referral_id), platform.now()), *beforehand)


def _stay_behind(platform: Platform, referral_id: int, error: Exception) -> str:
    """Try a failed referral again later, after growing waits; after some, a person is asked."""
    with platform.database.writing() as session:
        now = platform.now()
        referral = session.get_one(Referral, referral_id)
        referral.attempts += 1
        # Randomness only spreads the waits; it decides nothing.
        referral.due_at = now + patience.wait(referral.attempts, jitter=random.random())  # noqa: S311
        session.add(referral)
        if referral.attempts >= ATTEMPTS_BEFORE_A_PERSON or not _may_pass(error):
            subject = About.REFERRAL.of(referral.reference)
            ask_for_attention(session, subject, _code(error), now=now, detail=_detail(error), referral_id=referral_id)
        return referral.reference


def _may_pass(error: Exception) -> bool:
    """Whether waiting alone may help; not when a person is needed."""
    return not isinstance(error, TilflytError)


def _code(error: Exception) -> str:
    return error.code if isinstance(error, TilflytError) else type(error).__name__


def _detail(error: Exception) -> str:
    """Our own errors hold only codes; any other error's text may hold data, and is left out."""
    return str(error) if isinstance(error, TilflytError) else ""

"""Ten thousand referrals that wait for people, and what the platform costs while they wait."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert, text
from sqlmodel import select

from domain.questions.question import QuestionKind, Standing
from domain.referrals.lifecycle import Status
from storage.database import Database
from storage.outbox import MAIL_LANE, OutboxRow, OutboxStanding, Telling
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from tests.benchmarks.metering import Meter, clear_of_schedules
from tests.benchmarks.stages import Measured

# The statuses in which referrals rest, and the question that each waits for.
RESTING = (
    (Status.RECEIVED, QuestionKind.SIGN_OFF, "municipality:0461", "teamleder-1"),
    (Status.SEEKING, QuestionKind.OFFER, "association:havblik", "udlejning-1"),
    (Status.PROPOSED, QuestionKind.APPROVAL, "municipality:0450", "anvisning-1"),
    (Status.APPROVED, QuestionKind.ACCEPTANCE, "family", "family"),
)
SETTLING_S = 5.0


def put_in_waiting(database: Database, count: int) -> None:
    """Store referrals at rest, each with an open question whose letter was delivered, and a history line."""
    now = datetime.now(UTC)
    with database.writing() as session:
        model = session.exec(select(Referral).limit(1)).one().model_dump(exclude={"id"})
        newest = session.execute(text("SELECT max(id) FROM referral")).scalar_one()
        referrals = [model | changes for changes in _referrals(count, now)]
        session.execute(insert(Referral), referrals)
        query = select(Referral.id).where(Referral.id > newest).order_by(Referral.id)  # type: ignore[arg-type]  # a column
        ids = [id_ or 0 for id_ in session.exec(query)]
        session.execute(insert(Question), [_question(id_, number, now) for number, id_ in enumerate(ids)])
        asked = session.execute(
            text("SELECT id, referral_id FROM question WHERE referral_id > :newest"), {"newest": newest}
        )
        session.execute(insert(OutboxRow), [_letter(question, id_, now) for question, id_ in asked])
        lines = ({"referral_id": id_, "at": now, "actor": "platform", "deed": "asked"} for id_ in ids)
        session.execute(insert(HistoryLine), list(lines))
    if not database.is_sqlite:
        # PostgreSQL would do this by itself some minutes later, and its work after a bulk load is no cost of waiting.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for own_work in ("VACUUM ANALYZE", "CHECKPOINT"):
                connection.execute(text(own_work))


def _referrals(count: int, now: datetime) -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {
            "reference": f"TF-1999-{number:05d}",
            "case_key": uuid4().hex,
            "flag_id": f"waiting-{number}",
            "case_id": f"waiting-{number}",
            "status": RESTING[number % len(RESTING)][0],
            "status_since": now,
            "due_at": None,
        }


def _question(referral_id: int, number: int, now: datetime) -> dict[str, object]:
    _, kind, asked_of, contact_id = RESTING[number % len(RESTING)]
    return {
        "key": uuid4().hex,
        "referral_id": referral_id,
        "kind": kind,
        "version": 1,
        "asked_of": asked_of,
        "contact_id": contact_id,
        "reference": f"TF-1999-{number:05d}",
        "standing": Standing.OPEN,
        "token_hash": uuid4().hex * 2,
        "asked_at": now,
        "remind_at": now + timedelta(days=5),
        "answer_by": now + timedelta(days=10),
        "expires_at": now + timedelta(days=10),
    }


def _letter(question_id: int, referral_id: int, now: datetime) -> dict[str, object]:
    return {
        "telling": Telling.APPROVAL_REQUESTED,
        "lane": MAIL_LANE,
        "key": uuid4().hex,
        "addressee": "municipality:0450/anvisning-1",
        "referral_id": referral_id,
        "question_id": question_id,
        "created_at": now,
        "standing": OutboxStanding.DELIVERED,
        "ended_at": now,
    }


def idle(stage: Measured, count: int, seconds: float, *, small: bool) -> dict[str, float]:
    """Each process's share of a core while everybody waits, in per cent."""
    put_in_waiting(stage.database, count)
    if not small:
        time.sleep(SETTLING_S)
        clear_of_schedules(seconds)
    began = time.monotonic()
    with Meter(stage.pids) as meter:
        time.sleep(seconds)
    lasted = time.monotonic() - began
    return {name: 100 * spent / lasted for name, spent in meter.cpu.items()}

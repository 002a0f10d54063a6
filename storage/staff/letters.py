"""Letters to families that no system takes: staff print them, post them, and say when.

The time to answer begins when the letter is posted. Until then nobody is reminded, and no silence is recorded.
"""

from collections.abc import Container
from dataclasses import asdict
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from domain.deadlines import times_of
from domain.errors import Invalid
from domain.question import Standing
from domain.working_days import COPENHAGEN
from storage.attention import ask_for_attention, close_subject
from storage.audit.states import chain_state
from storage.outbox import BY_HAND, BY_POST, OutboxRow, OutboxStanding, end, letter_subject
from storage.parties import agreement_of
from storage.questions import FAMILY, Question
from storage.referrals import Referral, hold, write_history

POSTED, NOT_POSTED, PRINTED = "letter_posted", "letter_not_posted", "letter_printed"


def letters_by_hand(session: Session, referral_id: int | None = None) -> list[tuple[OutboxRow, Referral]]:
    """The letters that wait to be posted, with their cases; oldest first."""
    query = select(OutboxRow, Referral).where(
        OutboxRow.standing == OutboxStanding.BY_HAND, col(OutboxRow.referral_id) == Referral.id
    )
    if referral_id is not None:
        query = query.where(OutboxRow.referral_id == referral_id)
    return list(session.exec(query.order_by(col(OutboxRow.id))))


def letter_of(session: Session, named: str, standing: OutboxStanding = OutboxStanding.BY_HAND) -> OutboxRow:
    """The letter that somebody means, by its number or by its case where that has one; held until the end.

    `Invalid` when there is none, or more than one.
    """
    to_family = (OutboxRow.addressee == FAMILY, OutboxRow.standing == standing)
    about = col(OutboxRow.id) == int(named) if named.isdecimal() and len(named) < 10 else Referral.reference == named
    query = select(OutboxRow).where(*to_family, col(OutboxRow.referral_id) == Referral.id, about)
    if standing is OutboxStanding.DELIVERED:
        query = query.where(OutboxRow.last_error == BY_POST)
    found = list(session.exec(query.order_by(col(OutboxRow.id))))
    if not found:
        what = "no letter waits to be posted" if standing is OutboxStanding.BY_HAND else "no letter was posted by hand"
        raise Invalid("letter", f"{named}: {what}")
    if len(found) > 1:
        numbers = ", ".join(f"{row.id} ({row.telling})" for row in found)
        raise Invalid("letter", f"{named} has {len(found)}: name one by its number, {numbers}")
    hold(session, found[0].referral_id or 0)
    # Only now: somebody else may have posted it meanwhile.
    session.refresh(found[0])
    if found[0].standing is not standing:
        raise Invalid("letter", f"{named}: somebody was quicker, it is {found[0].standing}")
    return found[0]


def begin_time_to_answer(
    session: Session, row: OutboxRow, *, on: date, holidays: Container[date], now: datetime
) -> None:
    """Count the time of the question that a letter asks from a day on, where that is later than it was."""
    question = session.get(Question, row.question_id) if row.question_id else None
    if question is None or row.telling != f"{question.kind}_requested" or question.standing is not Standing.OPEN:
        return
    referral = session.get_one(Referral, question.referral_id)
    step = agreement_of(session, referral.agreement_version_id).step(question.kind)
    asked_at = datetime.combine(on, time(), COPENHAGEN)
    for name, moment in asdict(times_of(step, asked_at=asked_at, holidays=holidays)).items():
        setattr(question, name, max(getattr(question, name), moment))
    question.reminded_at = question.last_reminded_at = None
    session.add(question)
    session.flush()
    chain_state(session, Question, question, now=now, parts=("link",))


def record_printed(session: Session, row: OutboxRow, *, by: str, holidays: Container[date], now: datetime) -> None:
    """Write down that a letter was printed; the day on which to answer that stands in it is counted from today."""
    begin_time_to_answer(session, row, on=now.astimezone(COPENHAGEN).date(), holidays=holidays, now=now)
    write_history(session, row.referral_id or 0, at=now, actor=by, deed=PRINTED, reason=row.telling)


def record_posted(
    session: Session, row: OutboxRow, *, on: date, by: str, holidays: Container[date], now: datetime
) -> None:
    """Record on which day a letter was posted: the time to answer begins then. `Invalid` when the day cannot be."""
    today = now.astimezone(COPENHAGEN).date()
    if not row.created_at.astimezone(COPENHAGEN).date() <= on <= today:
        raise Invalid("on", f"{on} is before the letter was written, or in the future")
    end(session, [row], OutboxStanding.DELIVERED, now=now, error=BY_POST)
    begin_time_to_answer(session, row, on=on, holidays=holidays, now=now)
    close_subject(session, letter_subject(row), now=now, by=by)
    told = f"{row.telling} {on.isoformat()}"
    write_history(session, row.referral_id or 0, at=now, actor=by, deed=POSTED, reason=told)


def record_not_posted(session: Session, row: OutboxRow, *, by: str, now: datetime) -> None:
    """Take back that a letter was posted: it waits for a person again, and its time to answer stands still."""
    end(session, [row], OutboxStanding.BY_HAND, now=now, error=BY_HAND)
    case, told = row.referral_id, row.telling
    ask_for_attention(session, letter_subject(row), BY_HAND, now=now, detail=told, referral_id=case)
    write_history(session, case or 0, at=now, actor=by, deed=NOT_POSTED, reason=told)

"""Letters to families that no system takes: staff print them, post them, and say when.

The time to answer begins when the letter is posted. Until then nobody is reminded, and no silence is recorded. No
system sends a printed letter until staff say that it was not posted.
"""

from collections.abc import Container
from dataclasses import asdict
from datetime import date, datetime, time
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from domain.errors import Invalid
from domain.parties.deadlines import times_of
from domain.questions.question import Standing
from domain.working_days import COPENHAGEN, day_of
from storage.attention import close_subject
from storage.audit.states import chain_state
from storage.columns import needed
from storage.locks import hold_case
from storage.outbox import BY_HAND, BY_POST, PRINTED, OutboxRow, OutboxStanding, Telling, end, letter_subject
from storage.parties.agreements import agreement_of
from storage.questions.letters_waited_for import have_it_posted
from storage.questions.questions import FAMILY, Question
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral

POSTED, NOT_POSTED = "letter_posted", "letter_not_posted"
SAYS: dict[Telling, str] = {
    Telling.ACCEPTANCE_REQUESTED: "asks whether the family takes the home",
    Telling.ACCEPTANCE_RECORDED: "confirms what the family has answered",
    Telling.ANSWER_REMINDER: "reminds the family to answer",
    Telling.ANSWER_ON_PAGE: "tells the family where it can answer",
    Telling.NOT_REFERRED: "tells the family that it is not referred, and why",
    Telling.HOME_NOT_APPROVED: "tells the family that it cannot have the home that it wanted, and why",
}
_LIES = col(OutboxRow.standing) == OutboxStanding.BY_HAND


def letters_by_hand(session: Session, referral_id: int | None = None) -> list[tuple[OutboxRow, Referral]]:
    """The letters that wait to be posted, with their cases; oldest first."""
    query = select(OutboxRow, Referral).where(_LIES, col(OutboxRow.referral_id) == Referral.id)
    if referral_id is not None:
        query = query.where(OutboxRow.referral_id == referral_id)
    return list(session.exec(query.order_by(col(OutboxRow.id))))


def says(row: OutboxRow) -> str:
    """A letter's subject, in plain words."""
    return SAYS.get(row.telling, row.telling)


_NOT_PRINTED = and_(_LIES, col(OutboxRow.last_error).is_distinct_from(PRINTED))


def letter_to_print(session: Session, named: str) -> OutboxRow:
    """The letter that staff want to print; of a case's letters, the one that is not printed yet."""
    return _letter(session, named, _LIES, rather=_NOT_PRINTED, none="no letter waits to be posted")


_PRINTED = and_(_LIES, col(OutboxRow.last_error) == PRINTED)


def letter_to_post(session: Session, named: str) -> OutboxRow:
    """The letter that staff have posted; of a case's letters, the one that was printed."""
    return _letter(session, named, _LIES, rather=_PRINTED, none="no letter waits to be posted")


class Posted(NamedTuple):
    """A letter that staff have posted, on which day, and whether it was printed from here."""

    row: OutboxRow
    on: date
    was_printed: bool


def post_by_hand(
    session: Session, named: str, *, on: date | None, by: str, holidays: Container[date], now: datetime
) -> Posted:
    """Record that the letter that staff name was posted, on a day or today."""
    row, day = letter_to_post(session, named), on or day_of(now)
    was_printed = row.last_error == PRINTED
    record_posted(session, row, on=day, by=by, holidays=holidays, now=now)
    return Posted(row, day, was_printed)


def take_posting_back(session: Session, named: str, *, by: str, now: datetime) -> OutboxRow:
    """Record that the letter that staff name was not posted after all."""
    row = letter_not_posted(session, named)
    record_not_posted(session, row, by=by, now=now)
    return row


_POSTED = and_(col(OutboxRow.standing) == OutboxStanding.DELIVERED, col(OutboxRow.last_error) == BY_POST)


def letter_not_posted(session: Session, named: str) -> OutboxRow:
    """The letter that staff say was not posted: it was printed, or recorded as posted."""
    none = "no letter was printed, or posted by hand"
    return _letter(session, named, or_(_PRINTED, _POSTED), rather=or_(_PRINTED, _POSTED), none=none)


def _letter(
    session: Session, named: str, such: ColumnElement[bool], *, rather: ColumnElement[bool], none: str
) -> OutboxRow:
    """The letter that staff name, by its number or by its case; locked until the transaction ends.

    Of several, the one that meets `rather`. `Invalid` when there is none, or still more than one, which it then lists.
    """
    by_number = named.isdecimal() and len(named) < 10
    about = col(OutboxRow.id) == int(named) if by_number else Referral.reference == named
    query = select(OutboxRow).where(OutboxRow.addressee == FAMILY, col(OutboxRow.referral_id) == Referral.id, about)
    found = list(session.exec(query.where(such).order_by(col(OutboxRow.id))))
    if not found:
        raise Invalid("letter", f"{named}: {none}")
    meant = found if len(found) == 1 else list(session.exec(query.where(rather)))
    if len(meant) != 1:
        raise Invalid("letter", f"{named} has {len(found)}. Name one by its number: {'; '.join(map(_told, found))}")
    hold_case(session, needed(meant[0].referral_id))
    # Read again now that it is locked: another person may have posted it meanwhile.
    session.refresh(meant[0])
    if session.exec(select(OutboxRow.id).where(OutboxRow.id == meant[0].id, such)).first() is None:
        raise Invalid("letter", f"{named}: somebody was quicker, it is {meant[0].standing}")
    return meant[0]


def _told(row: OutboxRow) -> str:
    how = {BY_POST: "posted", PRINTED: "printed"}.get(row.last_error or "", "not printed yet")
    return f"{row.id} {says(row)} ({how})"


def times_if_posted(session: Session, row: OutboxRow, *, on: date, holidays: Container[date]) -> dict[str, datetime]:
    """The times of a letter's question if it is posted on a day, by their names in `Question`; none earlier than
    before.

    Empty when the letter asks no question.
    """
    question = session.get(Question, row.question_id) if row.question_id else None
    if question is None or row.telling != f"{question.kind}_requested" or question.standing is not Standing.OPEN:
        return {}
    referral = session.get_one(Referral, question.case_id)
    step = agreement_of(session, referral.agreement_version_id).step(question.kind)
    asked_at = datetime.combine(on, time(), COPENHAGEN)
    times = asdict(times_of(step, asked_at=asked_at, holidays=holidays))
    return {name: max(getattr(question, name), moment) for name, moment in times.items()}


def begin_time_to_answer(
    session: Session, row: OutboxRow, *, on: date, holidays: Container[date], now: datetime
) -> None:
    """Count the time to answer a letter's question from a day on, where that makes it later."""
    times = times_if_posted(session, row, on=on, holidays=holidays)
    if not times:
        return
    question = session.get_one(Question, row.question_id)
    for name, moment in times.items():
        setattr(question, name, moment)
    question.reminded_at = question.last_reminded_at = None
    session.add(question)
    session.flush()
    chain_state(session, Question, question, now=now, parts=("link",))


def record_printed(session: Session, row: OutboxRow, *, by: str, holidays: Container[date], now: datetime) -> None:
    """Record that a letter was printed; the last day to answer that stands in it is counted from today.

    From now on only a person says what happens to it.
    """
    begin_time_to_answer(session, row, on=day_of(now), holidays=holidays, now=now)
    _lay_for_a_person(session, row, PRINTED, by=by, now=now)
    write_history(session, needed(row.referral_id), at=now, actor=by, deed=PRINTED, reason=row.telling)


def record_posted(
    session: Session, row: OutboxRow, *, on: date, by: str, holidays: Container[date], now: datetime
) -> None:
    """Record the day on which a letter was posted: the time to answer begins then. `Invalid` for an impossible day."""
    today = day_of(now)
    if not day_of(row.created_at) <= on <= today:
        raise Invalid("on", f"{on} is before the letter was written, or in the future")
    end(session, [row], OutboxStanding.DELIVERED, now=now, error=BY_POST)
    begin_time_to_answer(session, row, on=on, holidays=holidays, now=now)
    close_subject(session, letter_subject(row), now=now, by=by)
    told = f"{row.telling} {on.isoformat()}"
    write_history(session, needed(row.referral_id), at=now, actor=by, deed=POSTED, reason=told)


def record_not_posted(session: Session, row: OutboxRow, *, by: str, now: datetime) -> None:
    """Record that a letter was not posted after all: its time to answer stops.

    It waits to be printed again, or a letter system takes it where there is one.
    """
    _lay_for_a_person(session, row, BY_HAND, by=by, now=now)
    write_history(session, needed(row.referral_id), at=now, actor=by, deed=NOT_POSTED, reason=row.telling)


def _lay_for_a_person(session: Session, row: OutboxRow, why: str, *, by: str, now: datetime) -> None:
    end(session, [row], OutboxStanding.BY_HAND, now=now, error=why)
    session.refresh(row)
    close_subject(session, letter_subject(row), now=now, by=by)
    have_it_posted(session, row, now=now)

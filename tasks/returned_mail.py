"""Letters that came back: the chief is told at once, and a person is asked, instead of waiting for the deadline."""

from datetime import datetime
from email.message import Message

from sqlmodel import Session, select

from domain.question import Standing
from domain.returned_mail import ReturnedMail, Unreached, returned_mail
from storage.attention import ask_for_attention
from storage.outbox import OutboxRow
from storage.questions import Question
from storage.referrals import Referral, lock
from tasks.case import Case
from tasks.chief import tell_chief
from tasks.platform import Platform

MOST_AT_ONCE = 100


def read_returned_mail(platform: Platform, *, flow_run_id: str | None = None) -> tuple[str, ...]:
    """Read what came back to our address; the cases in which somebody was not reached, each once.

    A message is marked as read when what it says stands in the database; after a crash it is read again.
    """
    if platform.mailbox is None:
        return ()
    unreached: list[str] = []
    with platform.mailbox.opened() as mailbox:
        while numbers := mailbox.unread(MOST_AT_ONCE):
            for number in numbers:
                message = mailbox.message(number)
                returned = _understood(message) if message is not None else None
                reference = _note(platform, returned, flow_run_id) if returned else None
                unreached += [reference] if reference else []
                mailbox.mark_read(number)
    return tuple(unreached)


def _understood(message: Message) -> ReturnedMail | None:
    """What a message says; nothing when its parts are such that they cannot be walked through."""
    try:
        return returned_mail(message)
    except (RecursionError, ValueError, LookupError):
        return None


def _note(platform: Platform, returned: ReturnedMail, flow_run_id: str | None) -> str | None:
    with platform.database.writing() as session:
        query = select(OutboxRow.question_id, OutboxRow.addressee).where(OutboxRow.key == returned.letter)
        question_id, addressee = session.exec(query).one_or_none() or (None, None)
        if question_id is None:
            return None
        question = session.get_one(Question, question_id)
        lock(session, question.referral_id)
        session.refresh(question)
        if question.standing is not Standing.OPEN or addressee != question.addressee:
            return None
        referral = session.get_one(Referral, question.referral_id)
        case = Case(platform, session, referral, platform.now(), flow_run_id)
        return referral.reference if note_unreached(case, question, returned.why) else None


def note_unreached(case: Case, question: Question, why: Unreached) -> bool:
    """Tell the chief and ask a person, once for each question."""
    if question.unreached is not None:
        return False
    question.unreached, question.unreached_at = why, case.now
    case.session.add(question)
    case.note(f"{why}_{question.kind}", reason=question.addressee)
    tell_chief(case, question)
    _ask_a_person(case.session, question, why, now=case.now, referral_id=case.id)
    return True


def _ask_a_person(session: Session, question: Question, why: Unreached, *, now: datetime, referral_id: int) -> None:
    detail = f"{question.kind}: {question.addressee}"
    ask_for_attention(session, f"question:{question.id}", why, now=now, detail=detail, referral_id=referral_id)

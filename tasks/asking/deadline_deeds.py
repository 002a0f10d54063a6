"""What is done about one question when its time has come; each deed says whether it came to something."""

from datetime import timedelta

from domain.parties.agreement import OnSilence
from domain.questions.question import Standing
from storage.columns import id_of, needed
from storage.outbox import OutboxStanding, Telling, last_about, lies_aside
from storage.questions.answers import chain_answer
from storage.questions.lists import waiting_for
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import make_due
from tasks.asking.chief import tell_chief
from tasks.asking.digests import MOST_LETTERS
from tasks.attention import ask_about
from tasks.matter import Asker

A_DAY = timedelta(days=1)


def remind(case: Asker, question: Question) -> bool:
    """Remind once before the deadline and once on its last day, but not a person whom the day's list reminds."""
    if question.remind_at <= case.now:
        question.reminded_at = question.reminded_at or case.now
    if question.answer_by <= case.now + A_DAY:
        question.last_reminded_at = case.now
    case.session.add(question)
    if lies_aside(case.session, Telling(f"{question.kind}_requested"), question_id=id_of(question)):
        # The letter that it would remind of is set aside for a person, and so is its link.
        return False
    if question.asked_of != FAMILY and len(waiting_for(case.session, question.addressee)) > MOST_LETTERS:
        return False
    case.write(Telling.ANSWER_REMINDER, to=question.addressee, question=question)
    case.note(f"reminded_{question.kind}", reason=str(question.addressee))
    return True


def _not_asked_yet(case: Asker, question: Question) -> bool:
    """Whether a family's letter still waits to be posted: then the family was not asked, and its time has not begun."""
    asking = Telling(f"{question.kind}_requested")
    letter = last_about(case.session, asking, question_id=id_of(question)) if question.asked_of == FAMILY else None
    return letter is not None and letter.standing is OutboxStanding.BY_HAND


def escalate(case: Asker, question: Question) -> bool:
    """Tell the chief of whoever has not answered, once for each question."""
    if _not_asked_yet(case, question):
        return False
    question.escalated_at = case.now
    case.session.add(question)
    return tell_chief(case, question)


def end_wait(case: Asker, question: Question) -> bool:
    """End the wait as the agreement says for silence: the search goes on, and the question is overdue."""
    if _not_asked_yet(case, question) or case.step(question.kind).on_silence is not OnSilence.BACK_TO_SEEKING:
        return False
    make_due(case.session, needed(case.id), now=case.now)
    question.standing = Standing.OVERDUE
    case.session.add(question)
    chain_answer(case.session, question.id, now=case.now, standing=Standing.OVERDUE)
    return True


def keep_waiting(case: Asker, question: Question) -> bool:
    """Have a person look after a question that waits on, as the agreement says for silence."""
    if _not_asked_yet(case, question) or case.step(question.kind).on_silence is OnSilence.BACK_TO_SEEKING:
        return False
    return ask_about(case, question, "no_answer")

"""From when on a yes may be disclosed."""

from datetime import datetime, timedelta

from storage.columns import id_of
from storage.outbox import WAITS_FOR_A_PERSON, OutboxStanding, Telling, last_about
from storage.questions.questions import Question
from tasks.case import Case

LETTER_FIRST = timedelta(minutes=5)


def from_the_letter_on(case: Case, accepted: Question, due_at: datetime) -> datetime:
    """When a yes may be disclosed: counted from when the letter was sent that asks whether it was them."""
    wait = timedelta(minutes=case.agreement.disclosure_after_minutes)
    letter = last_about(case.session, Telling.ACCEPTANCE_RECORDED, question_id=id_of(accepted)) if wait else None
    if letter is None or letter.standing in WAITS_FOR_A_PERSON:
        # The letter is on the attention list; the home must not be held for it for ever.
        return due_at
    if letter.standing is OutboxStanding.WAITING:
        return max(due_at, case.now + LETTER_FIRST)
    return max(due_at, (letter.ended_at or due_at - wait) + wait)

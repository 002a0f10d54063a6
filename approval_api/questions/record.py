"""Records an answer, or that a colleague is asked instead."""

from approval_api.questions.form_judge import Judged
from domain.questions.question import PassedOnBy, PassOn
from storage.columns import id_of
from storage.database import Database
from storage.questions.answers import pass_on, record_answer
from storage.questions.comments import keep_comment


def recorded(database: Database, found: Judged) -> bool:
    """Record what was chosen; False when the question is no longer open, and nothing is recorded then."""
    question, choice, now = found.seen.question, found.choice, found.now
    with database.writing() as session:
        if isinstance(choice, PassOn):
            by = PassedOnBy.ADDRESSEE
            return pass_on(session, question, to=choice.to, by=by, who=found.by, now=now)
        case = question.referral_id
        was_open = record_answer(session, id_of(question), choice, referral_id=case, now=now, by=found.by)
        if was_open and found.comment and found.key:
            keep_comment(session, question, found.comment, key=found.key, now=now)
        return was_open

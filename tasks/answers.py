"""What a question's answer says to the path, and the end of questions that nobody need answer."""

from domain.questions.question import SIDE_OF, Answer, QuestionKind, Standing, decline_reason
from domain.referrals.lifecycle import NO_ANSWER, DeclineReason
from storage.columns import id_of
from storage.outbox import Telling
from storage.questions.answers import forget_passed, revoke
from storage.questions.lists import open_questions
from storage.questions.questions import FAMILY, Question, suggested
from tasks.case import PLATFORM, Case


def actor_of(question: Question) -> str:
    """Who answered; the platform when nobody did."""
    if question.standing is Standing.OVERDUE:
        return PLATFORM
    return str(question.addressee if question.asked_of == FAMILY else question.answerer)


def why_not(question: Question) -> DeclineReason | None:
    """The reason of a no or a silence; None for a yes."""
    if question.standing is Standing.OVERDUE:
        return NO_ANSWER[SIDE_OF[question.kind]]
    return decline_reason(question.reply) if question.answer is Answer.NO else None


def suggested_homes(case: Case, question: Question) -> tuple[int, ...]:
    """The homes a question suggested."""
    return tuple(suggested(case.session, id_of(question)))


def revoke_questions(case: Case, kinds: tuple[QuestionKind, ...] = tuple(QuestionKind)) -> None:
    """Close the questions that still wait for an answer; associations are told that the request is recalled."""
    forget_passed(case.session, case.id, kinds, now=case.now)
    for question in open_questions(case.session, case.id, kinds):
        revoke(case.session, question, now=case.now)
        if question.kind is QuestionKind.OFFER:
            case.write(Telling.REQUEST_RECALLED, to=question.addressee, question=question)

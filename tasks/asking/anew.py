"""Asks anew: a colleague, or the same person by another link."""

from domain.errors import NeedsPerson
from domain.parties.colleagues import who_answers
from domain.parties.party import Partner
from domain.questions.digits import LETTERS_ANEW
from domain.questions.question import PassedOnBy, QuestionKind
from domain.referrals.household import FamilyAnswersBy
from domain.working_days import end_of_working_day
from storage.columns import id_of
from storage.parties.partners import partner_of
from storage.questions.answers import ripe, settle
from storage.questions.links import times_guessed
from storage.questions.questions import FAMILY, Question, suggested
from tasks.asking.asking import DEEDS, open_and_tell
from tasks.attention import ask_about
from tasks.case import PLATFORM, Case
from tasks.matter import Asker

STAFF = "integration-staff"


def ripe_questions(case: Case, kind: QuestionKind) -> list[Question]:
    """The answers and silences to act on; reading them here settles them.

    A question that was passed on is asked of the colleague, and after too many wrong digits of the same person again.
    """
    questions = ripe(case.session, case.id, kind)
    settle(case.session, questions, now=case.now)
    for question in questions:
        if question.passed_to is not None and question.passed_by is not None:
            ask_instead(case, question, question.passed_to, question.passed_by)
    return [question for question in questions if question.passed_to is None]


def ask_instead(case: Asker, question: Question, contact_id: str, by: PassedOnBy) -> None:
    """Ask a question of a colleague, or of the same person by another link."""
    instead = _anew(case, question, contact_id)
    instead.deputy_for = question.contact_id if by is PassedOnBy.DEPUTY_RULE else None
    actor = {PassedOnBy.ADDRESSEE: str(question.answerer), PassedOnBy.STAFF: STAFF}.get(by, PLATFORM)
    case.note(f"{DEEDS[by]}_{question.kind}", actor=actor, reason=f"{question.addressee} → {instead.addressee}")
    guessed = by is PassedOnBy.WRONG_DIGITS and times_guessed(case.session, question) > LETTERS_ANEW
    if by in (PassedOnBy.WRONG_DIGITS, PassedOnBy.PROTECTION, PassedOnBy.LEFT) and not guessed:
        _leave_a_day(case, instead)
    open_and_tell(case, instead, tuple(suggested(case.session, id_of(question))), aside=guessed)
    if guessed:
        # Without a limit, a program that tries digits would be sent new letters for ever.
        ask_about(case, instead, "digits_guessed", detail=f"{question.kind}: {question.addressee}")


def ask_again(case: Asker, question: Question) -> Question:
    """Ask the same person anew a question whose answer was taken back."""
    anew = _anew(case, question, question.contact_id)
    anew.deputy_for = question.deputy_for if anew.contact_id == question.contact_id else None
    _leave_a_day(case, anew)
    return open_and_tell(case, anew, ())


def _leave_a_day(case: Asker, question: Question) -> None:
    """Give a person asked anew at least until the end of the next working day; the chief may be told after that."""
    a_day_later = end_of_working_day(case.now, 1, case.platform.holidays)
    if question.answer_by < a_day_later:
        question.answer_by, question.escalated_at = a_day_later, None
    question.expires_at = max(question.expires_at, a_day_later)


def _anew(case: Asker, question: Question, contact_id: str) -> Question:
    """The same question with the same deadline and another link; a protected family's goes to its caseworker."""
    asked_of = question.asked_of
    if asked_of == FAMILY and isinstance(case, Case) and case.referral.answers_by is FamilyAnswersBy.CASEWORKER:
        asked_of, contact_id = case.sender.party, case.referral.flagged_by
    if asked_of != FAMILY:
        contact_id = _there_still(case, question, partner_of(case.session, asked_of), contact_id)
    return Question(
        **question.model_dump(include={"referral_id", "subject", "kind", "reference", "request", "offer_id"}),
        asked_of=asked_of,
        contact_id=contact_id,
        token_hash="",
        asked_at=case.now,
        remind_at=max(question.remind_at, end_of_working_day(case.now, 1, case.platform.holidays)),
        answer_by=question.answer_by,
        expires_at=question.expires_at,
        # A chief who was told of the silence is not told again.
        escalated_at=question.escalated_at,
    )


def _there_still(case: Asker, question: Question, partner: Partner, contact_id: str) -> str:
    """A contact, or if they have left, a colleague with the same role: other answers must not wait for them."""
    out = case.barred_from(question.kind, partner)
    if partner.contact(contact_id) is not None and contact_id not in out:
        return contact_id
    other = who_answers(question.kind, partner, barred=out)
    if other is None:
        raise NeedsPerson(f"{partner.party}: nobody can be asked in the place of {question.contact_id}")
    return other.id

"""Look up the question that a link or a list leads to."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from domain.parties.colleagues import still_answers
from domain.questions.question import Standing, token_hash
from domain.referrals.household import FamilyAnswersBy, Language
from domain.referrals.lifecycle import OVER
from storage.parties.partners import partner_of
from storage.privacy.consents import may_withdraw
from storage.questions.links import SHREDDED_LINK
from storage.questions.questions import FAMILY, Question, by_token_hash
from storage.referrals.referrals import Referral


@dataclass(frozen=True, slots=True)
class Seen:
    """A question, the case that it is about (None when it is about no case), and the language of its addressee.

    `has_left` is whether the party no longer names the addressee, or names them with another role.
    """

    question: Question
    case: Referral | None
    language: Language
    has_left: bool = False

    @property
    def referral(self) -> Referral:
        """The case; `LookupError` when the question is about no case."""
        if self.case is None:
            raise LookupError(f"question {self.question.id} is about no case")
        return self.case

    @property
    def is_of_a_party(self) -> bool:
        """Whether a party is asked, and not the family."""
        return self.question.asked_of != FAMILY

    @property
    def is_over(self) -> bool:
        """Whether its case is over; what is no case never is."""
        return self.case is not None and self.case.status in OVER

    def answerable(self, *, now: datetime) -> bool:
        """Whether an answer would be recorded now."""
        return self.question.standing is Standing.OPEN and now < self.question.expires_at and not self.has_left


def withdraws_here(session: Session, seen: Seen) -> bool:
    """Whether a family may withdraw its consent by this link.

    Not when its caseworker answers for it by now: others may find an older letter and read it.
    """
    if seen.is_of_a_party or seen.referral.answers_by is not FamilyAnswersBy.LETTER:
        return False
    return may_withdraw(session, seen.referral)


def look_up(session: Session, token: str) -> Seen | None:
    """The question of a link's token; None when no such link was sent."""
    question = by_token_hash(session, token_hash(token))
    if question is None:
        return None
    of_a_party = question.asked_of != FAMILY
    has_left = of_a_party and not still_answers(
        question.kind, partner_of(session, question.asked_of), question.contact_id
    )
    return replace(_seen(session, question), has_left=has_left)


def look_up_listed(session: Session, question_id: int, *, party: str) -> Seen | None:
    """A question that a party is asked; whether this visitor may see it is decided in `admission`."""
    question = session.get(Question, question_id)
    if question is None or question.asked_of != party or question.token_hash.startswith(SHREDDED_LINK):
        return None
    return _seen(session, question)


def _seen(session: Session, question: Question) -> Seen:
    case = session.get_one(Referral, question.referral_id) if question.referral_id is not None else None
    if case is not None and question.asked_of == FAMILY:
        return Seen(question, case, case.language)
    contact = partner_of(session, question.asked_of).contact(question.contact_id)
    return Seen(question, case, contact.language if contact else Language.DANISH)

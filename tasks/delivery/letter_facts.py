"""What a letter is made of, looked up by ids."""

from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session

from domain import letters
from domain.parties import party
from domain.parties.agreement import Agreement, Step
from domain.working_days import last_day_of
from storage.columns import id_of
from storage.outbox import OutboxRow
from storage.parties.agreements import agreement_of
from storage.parties.partners import partner_of
from storage.questions.matters import must_log_in, step_of
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer, binding_offer
from storage.vacancies.vacancies import Vacancy, home_facts
from tasks.asking.links import digits_of, token_of
from tasks.platform import Platform

AskedLetter = TypeVar("AskedLetter", bound=letters.Asked)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter is made of: its row, and the referral and question that it is about, if any."""

    platform: Platform
    session: Session
    row: OutboxRow
    about: Referral | None
    question: Question | None

    @property
    def referral(self) -> Referral:
        """The referral that the letter is about."""
        if self.about is None:
            raise LookupError(f"outbox {self.row.id} names no referral")
        return self.about

    @property
    def agreement(self) -> Agreement:
        """The agreement in the version that the referral started on."""
        return agreement_of(self.session, self.referral.agreement_version_id)

    @property
    def asked(self) -> Question:
        """The question that the letter asks, reminds of or recalls."""
        if self.question is None:
            raise LookupError(f"outbox {self.row.id} names no question")
        return self.question

    @property
    def step(self) -> Step:
        """The deadlines of the question."""
        return step_of(self.session, self.asked)

    @property
    def home(self) -> letters.HomeFacts:
        """The home that was put forward."""
        named = self.session.get(Offer, self.row.offer_id) if self.row.offer_id else None
        offer = named or binding_offer(self.session, id_of(self.referral))
        if offer is None:
            raise LookupError(f"{self.referral.reference} has no offer")
        return home_facts(self.session, self.session.get_one(Vacancy, offer.vacancy_id))

    @property
    def asked_party(self) -> party.Partner | None:
        """The party that is asked; None where it is the family."""
        return None if self.asked.asked_of == FAMILY else partner_of(self.session, self.asked.asked_of)

    def asking(self, letter: type[AskedLetter], /, **facts: object) -> AskedLetter:
        """A letter that asks, with its reference, link and deadline."""
        question = self.asked
        return letter(
            reference=question.reference,
            link=self.link_of(question),
            digits=self.digits_of(question),
            answer_by=last_day_of(question.answer_by),
            **facts,
        )

    @property
    def whom_to_call(self) -> dict[str, str]:
        """The contact to call about a letter that has no page."""
        return {"support_name": self.platform.support_name, "support_phone": self.platform.support_phone}

    def link_of(self, question: Question) -> str:
        """Where a question is answered."""
        return f"{self.platform.public_url}/q/{token_of(self.platform, question)}"

    def digits_of(self, question: Question) -> str | None:
        """The digits to type on a link's page; None where the person logs in instead."""
        return None if must_log_in(self.session, question) else digits_of(self.platform, question)


def facts_of(platform: Platform, session: Session, row: OutboxRow) -> Facts:
    """The facts of a row's letter."""
    referral = session.get_one(Referral, row.referral_id) if row.referral_id else None
    question = session.get(Question, row.question_id) if row.question_id else None
    return Facts(platform, session, row, referral, question)


def sender_of(facts: Facts) -> party.Partner:
    """The municipality that sends the family."""
    return partner_of(facts.session, party.municipality(facts.referral.sending_municipality))

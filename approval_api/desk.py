"""From a link to what its page says, read from the database in one look."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from approval_api.page import (
    AskingParty,
    Colleague,
    Filled,
    HomeChoice,
    NoticePage,
    PassedOnPage,
    QuestionPage,
    ReceiptPage,
)
from domain import party
from domain.anonymity import AnonymisedRequest, FamilyBands
from domain.colleagues import barred, colleagues, still_answers
from domain.errors import Invalid
from domain.household import FamilyAnswersBy, Language
from domain.letters import HomeFacts
from domain.lifecycle import Side
from domain.party import Role
from domain.question import SIDE_OF, QuestionKind, Standing, token_hash
from domain.working_days import COPENHAGEN, last_day_of
from storage.comments import Comment, sealing_key
from storage.consents import may_withdraw
from storage.links import SHREDDED_LINK
from storage.parties import agreement_of, partner
from storage.questions import FAMILY, Question, by_token_hash, suggested
from storage.referrals import Referral
from storage.releases import FEW_ALIKE
from storage.settings import Settings
from storage.vacancies import Offer, Vacancy, VacancyStanding, home_facts

BEFORE_AN_OFFER = (QuestionKind.SIGN_OFF, QuestionKind.FEWER_ALIKE, QuestionKind.OFFER)


@dataclass(frozen=True, slots=True)
class Seen:
    """A question that a link belongs to, its referral, and the language of whom it was sent to.

    `has_left` is whether that is somebody whom their party names no more, or with another part.
    """

    question: Question
    referral: Referral
    language: Language
    has_left: bool = False

    @property
    def is_of_a_party(self) -> bool:
        """Whether somebody at work is asked, and not the family."""
        return self.question.asked_of != FAMILY

    def answerable(self, *, now: datetime) -> bool:
        """Whether an answer would be recorded now."""
        return self.question.standing is Standing.OPEN and now < self.question.expires_at and not self.has_left


def withdraws_here(session: Session, seen: Seen) -> bool:
    """Whether a family may withdraw its consent by this link.

    Not when its caseworker answers for it by now: an older letter may lie where others read it.
    """
    by_itself = seen.referral.answers_by is FamilyAnswersBy.LETTER
    return by_itself and not seen.is_of_a_party and may_withdraw(session, seen.referral)


def look_up(session: Session, token: str) -> Seen | None:
    """What a link belongs to; None tells nothing, not even whether a case exists."""
    question = by_token_hash(session, token_hash(token))
    if question is None:
        return None
    of_a_party = question.asked_of != FAMILY
    has_left = of_a_party and not still_answers(question.kind, partner(session, question.asked_of), question.contact_id)
    return replace(_seen(session, question), has_left=has_left)


def look_up_listed(session: Session, question_id: int, *, party: str) -> Seen | None:
    """A question that a party is asked; which of its people may see it is not asked here."""
    question = session.get(Question, question_id)
    if question is None or question.asked_of != party or question.token_hash.startswith(SHREDDED_LINK):
        return None
    return _seen(session, question)


def _seen(session: Session, question: Question) -> Seen:
    referral = session.get_one(Referral, question.referral_id)
    if question.asked_of == FAMILY:
        return Seen(question, referral, referral.language)
    contact = partner(session, question.asked_of).contact(question.contact_id)
    return Seen(question, referral, contact.language if contact else Language.DANISH)


def asking_party(session: Session, seen: Seen, settings: Settings) -> AskingParty:
    """Who asks and whom to call. An association that is asked for a home must not see where the family lives."""
    kind = seen.question.kind
    if kind is QuestionKind.MOVE_IN:
        offer = session.get_one(Offer, seen.question.offer_id)
        receiver = partner(session, party.municipality(session.get_one(Vacancy, offer.vacancy_id).municipality))
        approver = receiver.first(Role.APPROVER)
        return AskingParty(receiver.name, approver.name if approver else receiver.name, receiver.phone)
    # Nor is a caseworker told to call themselves.
    if kind in (QuestionKind.OFFER, QuestionKind.FEWER_ALIKE) or seen.question.on_behalf:
        return AskingParty("Tilflytterstyring", settings.support_name, settings.support_phone)
    if kind is QuestionKind.APPROVAL:
        return _asking_for_approval(session, seen.question, settings)
    sender = partner(session, party.municipality(seen.referral.sending_municipality))
    caseworker = sender.contact(seen.referral.flagged_by)
    return AskingParty(sender.name, caseworker.name if caseworker else sender.name, sender.phone)


def _asking_for_approval(session: Session, question: Question, settings: Settings) -> AskingParty:
    """The sender where the page says who that is, and never its caseworker: one of few families' few caseworkers."""
    code = _family_in(question).sender
    if code is None:
        return AskingParty("Tilflytterstyring", settings.support_name, settings.support_phone)
    sender = partner(session, party.municipality(code))
    return AskingParty(sender.name, sender.name, sender.phone)


def question_page(
    session: Session,
    seen: Seen,
    settings: Settings,
    *,
    now: datetime,
    nonce: str,
    filled: Filled,
    errors: tuple[Invalid, ...],
    person: str | None,
    asks_digits: bool,
) -> QuestionPage:
    """The page of a question that waits for its answer."""
    question, referral = seen.question, seen.referral
    agreement = agreement_of(session, referral.agreement_version_id)
    kind = question.kind
    approval = kind is QuestionKind.APPROVAL
    return QuestionPage(
        kind=kind,
        reference=question.reference,
        place=agreement.place(kind),
        asking=asking_party(session, seen, settings),
        answer_by=last_day_of(question.answer_by),
        legal_basis=agreement.legal_basis,
        nonce=nonce,
        person=person,
        need=referral.need if SIDE_OF[kind] is Side.SENDER else None,
        few=FEW_ALIKE.validate_python(question.request) if kind is QuestionKind.FEWER_ALIKE else None,
        request=_request_of(question) if kind is QuestionKind.OFFER else None,
        family=_family_in(question) if approval else None,
        agreement_name=None if SIDE_OF[kind] is Side.ASSOCIATION else agreement.name,
        home=offered_home(session, question),
        homes=home_choices(session, question),
        colleagues=colleague_choices(session, seen, now=now),
        may_comment=sealing_key(session) is not None,
        asks_digits=asks_digits,
        compensation_ore=agreement.compensation.receiving_municipality_ore if approval else None,
        department_ore=agreement.compensation.housing_department_ore if approval else None,
        on_behalf=question.on_behalf,
        overdue=now >= question.answer_by,
        filled=filled,
        errors=errors,
    )


def _request_of(question: Question) -> AnonymisedRequest:
    return AnonymisedRequest(**question.request or {})  # type: ignore[arg-type]  # as it was stored


def _family_in(question: Question) -> FamilyBands:
    """What was measured for this municipality; nothing where it was asked before that was done."""
    return FamilyBands(**question.request or {})  # type: ignore[arg-type]  # as it was stored


def offered_home(session: Session, question: Question) -> HomeFacts | None:
    """The home that is put forward; none before an association has offered one."""
    if question.kind in BEFORE_AN_OFFER:
        return None
    offer = session.get_one(Offer, question.offer_id)
    return home_facts(session, session.get_one(Vacancy, offer.vacancy_id))


def home_choices(session: Session, question: Question) -> tuple[HomeChoice, ...]:
    """The homes that an association may offer: those suggested that are still available."""
    if question.kind is not QuestionKind.OFFER:
        return ()
    homes = [session.get_one(Vacancy, home) for home in suggested(session, question.id or 0)]
    return tuple(
        HomeChoice(home.id or 0, home_facts(session, home))
        for home in homes
        if home.standing is VacancyStanding.AVAILABLE
    )


def colleague_choices(session: Session, seen: Seen, *, now: datetime) -> tuple[Colleague, ...]:
    """The colleagues who may be asked instead: of the same party, with the same part, at work today."""
    question = seen.question
    if question.asked_of == FAMILY:
        return ()
    at, today = partner(session, question.asked_of), now.astimezone(COPENHAGEN).date()
    out = barred(question.kind, at, flagged_by=seen.referral.flagged_by, on=today)
    found = colleagues(question.kind, at, of=question.contact_id, on=today, barred=out)
    return tuple(Colleague(one.id, one.name) for one in found)


def receipt_page(session: Session, seen: Seen, settings: Settings, *, with_home: bool) -> ReceiptPage:
    """What was recorded."""
    question = seen.question
    if question.answered_at is None:
        raise ValueError("the question has no answer")
    chosen = session.get(Vacancy, question.vacancy_id) if question.vacancy_id else None
    home = home_facts(session, chosen) if chosen else offered_home(session, question)
    return ReceiptPage(
        kind=question.kind,
        reference=question.reference,
        asking=asking_party(session, seen, settings),
        answer=question.reply.answer,
        answered_at=question.answered_at,
        answered_by=answered_by(session, question),
        reason=question.reason,
        home=home if with_home else None,
        given_by=question.given_by,
        on_behalf=question.on_behalf,
        commented=session.get(Comment, question.id) is not None,
    )


def answered_by(session: Session, question: Question) -> str | None:
    """The name at work of whoever answered; None when it was the family."""
    if question.asked_of == FAMILY:
        return None
    asked = partner(session, question.asked_of)
    contact = asked.contact(question.answered_by or question.contact_id)
    return f"{contact.name}, {asked.name}" if contact else asked.name


def passed_on_page(session: Session, seen: Seen, settings: Settings) -> PassedOnPage:
    """Who is asked now, and who saw to it."""
    question = seen.question
    if question.passed_at is None or question.passed_by is None:
        raise ValueError("the question was not passed on")
    at = partner(session, question.asked_of)
    contact = at.contact(question.passed_to or "")
    return PassedOnPage(
        kind=question.kind,
        reference=question.reference,
        asking=asking_party(session, seen, settings),
        passed_to=contact.name if contact else at.name,
        passed_by=question.passed_by,
        passed_at=question.passed_at,
        answered_by=answered_by(session, question) or at.name,
        on_behalf=question.on_behalf,
    )


def notice_page(session: Session, seen: Seen, settings: Settings) -> NoticePage:
    """That a question can no longer be answered, and whom to call."""
    return NoticePage(
        reference=seen.question.reference,
        asking=asking_party(session, seen, settings),
        answer_by=last_day_of(seen.question.answer_by),
        answered_at=seen.question.answered_at,
    )

"""What the page of a question that waits for its answer says."""

from datetime import datetime

from sqlmodel import Session

from approval_api.questions.lookup import Seen
from approval_api.questions.page import AskingParty, Colleague, Filled, HomeChoice, QuestionPage
from domain.anonymity.request import AnonymisedRequest, FamilyBands
from domain.errors import Invalid
from domain.letters import HomeFacts
from domain.parties import party
from domain.parties.colleagues import barred, colleagues
from domain.parties.party import Role
from domain.questions.question import SIDE_OF, QuestionKind
from domain.referrals.lifecycle import Side
from domain.working_days import day_of, last_day_of
from storage.columns import id_of
from storage.parties.agreements import agreement_of
from storage.parties.partners import partner
from storage.privacy.releases import FEW_ALIKE
from storage.questions.comments import sealing_key
from storage.questions.questions import FAMILY, Question, suggested
from storage.settings import Settings
from storage.vacancies.vacancies import Offer, Vacancy, VacancyStanding, home_facts

BEFORE_AN_OFFER = (QuestionKind.SIGN_OFF, QuestionKind.FEWER_ALIKE, QuestionKind.OFFER)


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
    homes = [session.get_one(Vacancy, home) for home in suggested(session, id_of(question))]
    return tuple(
        HomeChoice(id_of(home), home_facts(session, home))
        for home in homes
        if home.standing is VacancyStanding.AVAILABLE
    )


def colleague_choices(session: Session, seen: Seen, *, now: datetime) -> tuple[Colleague, ...]:
    """The colleagues who may be asked instead: of the same party, with the same part, at work today."""
    question = seen.question
    if question.asked_of == FAMILY:
        return ()
    at, today = partner(session, question.asked_of), day_of(now)
    out = barred(question.kind, at, flagged_by=seen.referral.flagged_by, on=today)
    found = colleagues(question.kind, at, of=question.contact_id, on=today, barred=out)
    return tuple(Colleague(one.id, one.name) for one in found)

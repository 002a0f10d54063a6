"""Who asks a question, and whom to call about it."""

from sqlmodel import Session

from approval_api.questions.lookup import Seen
from approval_api.questions.pages.page import AskingParty
from domain.anonymity.request import FamilyBands
from domain.parties import party
from domain.parties.party import Role
from domain.questions.question import QuestionKind
from storage.parties.partners import partner_of
from storage.questions.questions import Question
from storage.settings import Settings
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy


def asking_party(session: Session, seen: Seen, settings: Settings) -> AskingParty:
    """Who asks, and whom to call. An association that is asked for a home must not see which municipality sends."""
    kind = seen.question.kind
    if seen.case is None:
        return AskingParty("Tilflytterstyring", settings.support_name, settings.support_phone)
    if kind is QuestionKind.MOVE_IN:
        offer = session.get_one(Offer, seen.question.offer_id)
        receiver = partner_of(session, party.municipality(session.get_one(Vacancy, offer.vacancy_id).municipality))
        approver = receiver.first(Role.APPROVER)
        return AskingParty(receiver.name, approver.name if approver else receiver.name, receiver.phone)
    # `on_behalf`: the caseworker answers for the family, and must not be told to call themselves.
    if kind in (QuestionKind.OFFER, QuestionKind.FEWER_ALIKE) or seen.question.on_behalf:
        return AskingParty("Tilflytterstyring", settings.support_name, settings.support_phone)
    if kind is QuestionKind.APPROVAL:
        return _asking_for_approval(session, seen.question, settings)
    sender = partner_of(session, party.municipality(seen.referral.sending_municipality))
    caseworker = sender.contact(seen.referral.flagged_by)
    return AskingParty(sender.name, caseworker.name if caseworker else sender.name, sender.phone)


def _asking_for_approval(session: Session, question: Question, settings: Settings) -> AskingParty:
    """The sending municipality if the page names it, and never its caseworker, whose name could identify the family."""
    code = family_in(question).sender
    if code is None:
        return AskingParty("Tilflytterstyring", settings.support_name, settings.support_phone)
    sender = partner_of(session, party.municipality(code))
    return AskingParty(sender.name, sender.name, sender.phone)


def family_in(question: Question) -> FamilyBands:
    """The family in bands, as stored with the question; empty for a question from before bands were stored."""
    return FamilyBands(**question.request or {})  # type: ignore[arg-type]  # as it was stored

"""The open cases under an agreement, as far as its terms matter to them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from domain.parties.agreement import Agreement
from domain.parties.agreements.reasons_to_stay import OpenCase
from domain.parties.party import PartyKind, is_a, party_id
from domain.questions.question import Answer, QuestionKind, Standing
from domain.referrals.lifecycle import OVER, Status
from storage.columns import id_of
from storage.parties.agreements import AgreementVersion, agreement_of
from storage.questions.answers import IS_RIPE
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.vacancies.offers import BINDING, Offer
from storage.vacancies.vacancies import Vacancy


@dataclass(frozen=True, slots=True)
class Held:
    """A case under an agreement: its row, the version on which it is, the offer that binds, and what matters of it."""

    referral: Referral
    agreement: Agreement
    offer: Offer | None
    case: OpenCase


def under(session: Session, agreement_id: str) -> list[Held]:
    """Every case under an agreement that is open and not housed yet, in the order in which they came."""
    still = col(Referral.status).not_in([*OVER, Status.HOUSED])
    return list(_read(session, col(AgreementVersion.agreement_id) == agreement_id, still))


def one_case(session: Session, referral_id: int) -> Held:
    """A case, in whichever status."""
    return next(_read(session, col(Referral.id) == referral_id))


def _read(session: Session, *which: ColumnElement[bool]) -> Iterator[Held]:
    on_version = col(AgreementVersion.id) == Referral.agreement_version_id
    cases = session.exec(select(Referral).join(AgreementVersion, on_version).where(*which).order_by(col(Referral.id)))
    offers = {
        offer.referral_id: (offer, home)
        for offer, home in session.exec(
            select(Offer, Vacancy)
            .join(Vacancy, col(Vacancy.id) == Offer.vacancy_id)
            .join(Referral, col(Referral.id) == Offer.referral_id)
            .join(AgreementVersion, on_version)
            .where(*which, col(Offer.standing).in_(BINDING))
        )
    }
    questions: dict[int, list[Question]] = defaultdict(list)
    waiting = or_(col(Question.standing) == Standing.OPEN, IS_RIPE)
    for question in session.exec(
        select(Question)
        .join(Referral, col(Referral.id) == Question.referral_id)
        .join(AgreementVersion, on_version)
        .where(*which, waiting)
        .order_by(col(Question.id))
    ):
        questions[question.case_id].append(question)
    for referral in cases.all():
        offer, home = offers.get(id_of(referral), (None, None))
        asked = questions[id_of(referral)]
        agreement = agreement_of(session, referral.agreement_version_id)
        yield Held(referral, agreement, offer, _as_it_stands(referral, asked, offer, home))


def _as_it_stands(referral: Referral, asked: Sequence[Question], offer: Offer | None, home: Vacancy | None) -> OpenCase:
    associations = {party_id(one.asked_of) for one in asked if is_a(one.asked_of, PartyKind.ASSOCIATION)}
    if home is not None:
        associations.add(home.association)
    moved_in = any(one.kind is QuestionKind.MOVE_IN and one.answer is Answer.YES for one in asked)
    return OpenCase(
        reference=referral.reference,
        status=referral.status,
        sender=referral.sending_municipality,
        asked=tuple(one.kind for one in asked),
        associations=frozenset(associations),
        receiver=home.municipality if home else None,
        reserved_until=offer.reserved_until if offer else None,
        open_until=max((one.expires_at for one in asked if one.standing is Standing.OPEN), default=None),
        stops=referral.stop_requested is not None,
        moved_in=moved_in,
    )

"""How many families have moved in in a year under an agreement, whichever of its versions their cases began on."""

from datetime import datetime

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from domain.working_days import COPENHAGEN, day_of
from storage.locks import hold_ceiling
from storage.parties.agreements import AgreementVersion
from storage.referrals.history import HOUSED, HistoryLine
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy


def housed_this_year(
    session: Session, agreement_id: str, *, receiver: str, sender: str, now: datetime
) -> tuple[int, int]:
    """How many families a municipality has received, and another has sent, in the calendar year of a moment.

    The agreement's families are held: nobody counts them meanwhile who would add one.
    """
    hold_ceiling(session, agreement_id)
    # No home is put forward after a move-in, so the newest offer is the one by which the family moved in.
    newest = select(func.max(Offer.id)).where(Offer.referral_id == HistoryLine.referral_id).correlate(HistoryLine)
    query = (
        select(
            _families(col(Vacancy.municipality) == receiver), _families(col(Referral.sending_municipality) == sender)
        )
        .select_from(HistoryLine)
        .join(Offer, col(Offer.id) == newest.scalar_subquery())
        .join(Vacancy, col(Vacancy.id) == Offer.vacancy_id)
        .join(Referral, col(Referral.id) == HistoryLine.referral_id)
        .join(AgreementVersion, col(AgreementVersion.id) == Referral.agreement_version_id)
        .where(
            HOUSED,
            AgreementVersion.agreement_id == agreement_id,
            HistoryLine.at >= datetime(day_of(now).year, 1, 1, tzinfo=COPENHAGEN),
        )
    )
    return session.exec(query).one()


def _families(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

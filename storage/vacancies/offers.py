"""Offers: a home put forward for a family, held, let or let go."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, bindparam, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.homes.dwelling import Dwelling
from storage.columns import UtcDateTime, one_of
from storage.database import changed
from storage.dialect import only_where
from storage.locks import Lock, taking
from storage.vacancies.vacancies import Vacancy, VacancyChange, VacancyStanding, dwelling


class OfferStanding(StrEnum):
    """What happened to an offer."""

    LIVE = "live"
    RELEASED = "released"
    TAKEN = "taken"


# With these an offer holds a home; the text below says the same to the database.
BINDING = (OfferStanding.LIVE, OfferStanding.TAKEN)
_BINDING = text("standing IN ('live', 'taken')")


class Offer(SQLModel, table=True):
    """A home put forward for a referral: at most one binding offer for each family, and one for each home."""

    __tablename__ = "offer"
    __table_args__ = (
        Index("one_offer_a_family", "referral_id", unique=True, **only_where(_BINDING)),
        Index("one_offer_a_home", "vacancy_id", unique=True, **only_where(_BINDING)),
        # A family that has moved in and whose case is closed no longer has an offer that binds.
        Index("offer_of_case", "referral_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id")
    vacancy_id: int = Field(foreign_key="vacancy.id")
    pseudonym: str
    reserved_until: datetime = Field(sa_type=UtcDateTime)
    standing: OfferStanding = Field(default=OfferStanding.LIVE, sa_type=one_of(OfferStanding, "offer_standing"))
    made_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


# The words stand in the statement itself, because SQLite finds a partial index by its text, never by a parameter.
_BINDING_OF = select(Offer).where(col(Offer.referral_id) == bindparam("referral_id"), _BINDING)


def binding_offer(session: Session, referral_id: int) -> Offer | None:
    """The offer that binds for a family now."""
    return session.exec(_BINDING_OF, params={"referral_id": referral_id}).one_or_none()


def offer_moved_in_by(session: Session, referral_id: int) -> Offer:
    """The offer by which a family moved in: its newest, because no home is put forward after that."""
    query = select(Offer).where(Offer.referral_id == referral_id).order_by(col(Offer.id).desc()).limit(1)
    return session.exec(query).one()


_TAKEN = update(Offer).where(col(Offer.id) == bindparam("taken_id")).values(standing=OfferStanding.TAKEN)
_LET = (
    update(Vacancy)
    .where(col(Vacancy.id) == bindparam("let_id"))
    .values(standing=VacancyStanding.LET, reserved_until=None, gone_at=None)
)


def let_to_family(session: Session, offer: Offer) -> None:
    """Mark an offer's home as let: its family has moved in."""
    taking(session, Lock.HOME, offer.vacancy_id)
    changed(session, _TAKEN, {"taken_id": offer.id})
    changed(session, _LET, {"let_id": offer.vacancy_id})


def let_go(session: Session, offer: Offer, *, now: datetime) -> None:
    """End an offer and make its home available again, unless its association has said that the home is gone."""
    read_whole_again(session, offer)
    taking(session, Lock.HOME, offer.vacancy_id)
    offer.standing = OfferStanding.RELEASED
    offer.ended_at = now
    session.add(offer)
    vacancy = session.get_one(Vacancy, offer.vacancy_id)
    vacancy.standing = VacancyStanding.WITHDRAWN if vacancy.gone_at else VacancyStanding.AVAILABLE
    vacancy.reserved_until = vacancy.gone_at = None
    session.add(vacancy)


_READ_WHOLE = text(
    "UPDATE feed SET last_full_at = NULL WHERE association = (SELECT association FROM vacancy WHERE id = :home)"
)


def read_whole_again(session: Session, offer: Offer) -> None:
    """Have the home's feed read whole the next night, even if unchanged: what it said meanwhile was ignored.

    Call it before writing to the home: a night locks the feed first, and then its homes.
    """
    taking(session, Lock.FEED)
    session.connection().execute(_READ_WHOLE, {"home": offer.vacancy_id})


def who_lives_in(session: Session, vacancy_id: int) -> int | None:
    """The case of the family that is said to live in a home."""
    query = select(Offer.referral_id).where(Offer.vacancy_id == vacancy_id, Offer.standing == OfferStanding.TAKEN)
    return session.exec(query).one_or_none()


def home_as_offered(session: Session, offer: Offer) -> Dwelling:
    """A home with the department, the municipality and the rent that it had when it was put forward.

    A feed changes them once the home is no longer reserved, also while the family lives there.
    """
    home = dwelling(session, offer.vacancy_id)
    changed_since = select(VacancyChange.field, VacancyChange.before).where(
        VacancyChange.vacancy_id == offer.vacancy_id,
        VacancyChange.at > offer.made_at,
        col(VacancyChange.field).in_(("department", "municipality", "rent_monthly_ore")),
    )
    # The newest first, so that what stood before the earliest change remains.
    newest_first = session.exec(changed_since.order_by(col(VacancyChange.id).desc()))
    before = {field: value for field, value in newest_first if value is not None}
    return replace(
        home,
        department=before.get("department", home.department),
        municipality=before.get("municipality", home.municipality),
        rent_monthly_ore=int(before.get("rent_monthly_ore", home.rent_monthly_ore)),
    )

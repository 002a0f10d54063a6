"""Reads what outbox rows name, all at once: one letter needs half a dozen queries, and a batch no more than that."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import TypeVar

from sqlalchemy import bindparam
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.areas.places import Municipality
from storage.books.ledger import Booking, LedgerEntry
from storage.outbox import OutboxRow
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy

Named = TypeVar("Named", bound=SQLModel)


def read_at_once(session: Session, rows: Collection[OutboxRow]) -> list[SQLModel]:
    """The rows that outbox rows name, and the rows that those name. While the list is kept, the session finds them."""
    referrals = _read(session, Referral, "id", (row.referral_id for row in rows))
    questions = _read(session, Question, "id", (row.question_id for row in rows))
    offers = _read(session, Offer, "id", (row.offer_id for row in rows))
    homes = _read(session, Vacancy, "id", (offer.vacancy_id for offer in offers))
    places = _read(session, Municipality, "code", (home.municipality for home in homes))
    entries = _read(session, LedgerEntry, "id", (row.entry_id for row in rows))
    bookings = _read(session, Booking, "id", (entry.booking_id for entry in entries))
    return [*referrals, *questions, *offers, *homes, *places, *entries, *bookings]


def _read(session: Session, table: type[Named], key: str, values: Iterable[int | str | None]) -> list[Named]:
    wanted = {value for value in values if value is not None}
    return list(session.exec(_among(table, key), params={"wanted": list(wanted)})) if wanted else []


@cache
def _among(table: type[Named], key: str) -> SelectOfScalar[Named]:
    return select(table).where(col(getattr(table, key)).in_(bindparam("wanted", expanding=True)))

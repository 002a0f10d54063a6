"""The numbers that cases are known by."""

import re

from sqlalchemy import text
from sqlmodel import Field, Session, SQLModel

from storage.locks import HELD, Lock, taking


class ReferenceCounter(SQLModel, table=True):
    """The last number given out in a year."""

    __tablename__ = "reference_counter"

    year: int = Field(primary_key=True)
    last: int


_NEXT = text(
    "INSERT INTO reference_counter (year, last) VALUES (:year, 1)"
    " ON CONFLICT (year) DO UPDATE SET last = reference_counter.last + 1 RETURNING last"
)


def next_reference(session: Session, *, year: int) -> str:
    """The next case reference of a year, `TF-2026-00042`, taken within the transaction."""
    taking(session, Lock.NUMBERS, year)
    # In one statement: of two transactions that are the first in a year, neither would find the row.
    return f"TF-{year}-{session.connection().execute(_NEXT, {'year': year}).scalar_one():05d}"


def skip_references(session: Session, *, year: int, to: int) -> None:
    """Skip a year's numbers up to this one: elsewhere they may be other cases' numbers."""
    taking(session, Lock.NUMBERS, year)
    counter = session.get(ReferenceCounter, year, with_for_update=HELD) or ReferenceCounter(year=year, last=0)
    counter.last = max(counter.last, to)
    session.add(counter)


_REFERENCE = re.compile(r"TF-(20[0-9]{2})-([0-9]{5,9})")


def number_of(reference: str) -> tuple[int, int] | None:
    """The year and the number of a case reference; None when it is none of ours."""
    found = _REFERENCE.fullmatch(reference)
    return (int(found[1]), int(found[2])) if found else None

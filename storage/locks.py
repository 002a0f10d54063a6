"""The order of locks, for every transaction: a case first, then a feed, then a home; two of a kind by their ids.

Two transactions that lock the same rows in the same order wait one after the other. If one of them took another order,
each would wait for the other for ever, until PostgreSQL ends one of them. So every lock is taken here, or
told here by the statement that takes it, and one against the order is refused: it is an error of the program. On SQLite
there is one writer, and nothing waits; the order is kept all the same.

A question has no lock of its own: it is written while its case, or what else it is about, is held. Rows are held
against whoever writes to them, and not against rows that only name them (a history line, an outbox row): who writes
those waits for nobody.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import FromClause, Select, bindparam, column, select, table
from sqlmodel import Session, SQLModel

from storage.dialect import hold_table, one_at_a_time


class Lock(IntEnum):
    """What is locked, in the order of locks; in brackets the key by which several of a kind are ordered."""

    # The flags of one municipality: one intake decides at a time (its code).
    FLAGS = 1
    # A referral, and with it its questions (id).
    CASE = 2
    # The same person in several cases (digest).
    PERSON = 3
    # The last case number of a year (year).
    NUMBERS = 4
    # What is known of an association's feed (association).
    FEED = 5
    # A vacancy (id).
    HOME = 6
    # The families of a year between the municipalities of an agreement (its id).
    CEILING = 7
    # A disclosure: a party was told who a family is (id).
    DISCLOSURE = 8
    # A name of an area that somebody is asked about (id).
    AREA_NAME = 9
    # A schedule (name).
    SCHEDULE = 10
    # What is no case, and with it the questions about it (the text of its subject).
    SUBJECT = 11
    # The runs of postings of a party (party).
    RUN = 12
    # The month that is closed; nothing is locked after it.
    PERIOD = 13


class OutOfOrder(RuntimeError):
    """A lock is taken against the order of locks: two transactions could wait for each other for ever."""


class Lockable(Protocol):
    """A query whose rows can be held."""

    def with_for_update(self, *, key_share: bool, skip_locked: bool, of: Any) -> Self:  # noqa: ANN401  # as it has it
        """The same query, holding what it finds."""
        ...


Query = TypeVar("Query", bound=Lockable)
# For `Session.get` and `Session.refresh`.
HELD: dict[str, Any] = {"key_share": True}


def holding(query: Query, *, of: FromClause | type[SQLModel] | None = None, skip_locked: bool = False) -> Query:
    """A query that holds the rows that it finds until the transaction ends; its caller says so with `taking`."""
    return query.with_for_update(key_share=True, skip_locked=skip_locked, of=of)


def taking(session: Session, kind: Lock, key: int | str | None = None) -> None:
    """Say that a row is about to be locked; `OutOfOrder` when a later one is held already.

    `key` is None where one statement locks all of a kind that the transaction will write to, in their order.
    """
    held: dict[tuple[Lock, int | str | None], None] = session.info.setdefault("locks", {})
    if (kind, key) in held or (kind, None) in held:
        return
    for other, of in held:
        if other > kind or (other is kind and _comes_after(of, key)):
            raise OutOfOrder(f"{kind.name} {key} is locked after {other.name} {of}")
    held[kind, key] = None


def _comes_after(one: int | str | None, other: int | str | None) -> bool:
    if isinstance(one, int) and isinstance(other, int):
        return one > other
    return isinstance(one, str) and isinstance(other, str) and one > other


# By the table's name: whoever holds a case need not know what stands in it.
_ANY_CASE: Select[Any] = select(column("id")).select_from(table("referral")).order_by(column("id"))
_CASE = holding(_ANY_CASE.where(column("id") == bindparam("id")))


def hold_case(session: Session, referral_id: int) -> None:
    """Hold a case until the transaction ends, without reading it."""
    taking(session, Lock.CASE, referral_id)
    session.connection().execute(_CASE, {"id": referral_id})


_CASES = holding(_ANY_CASE.where(column("id").in_(bindparam("ids", expanding=True))))


def hold_cases(session: Session, referral_ids: Iterable[int | None]) -> None:
    """Hold several cases, in the order in which every transaction holds them; None is none."""
    ids = sorted({one for one in referral_ids if one is not None})
    for referral_id in ids:
        taking(session, Lock.CASE, referral_id)
    if ids:
        session.connection().execute(_CASES, {"ids": ids})


def hold_flags(session: Session, municipality: str) -> None:
    """Let one transaction at a time decide about the flags of a municipality."""
    taking(session, Lock.FLAGS, municipality)
    one_at_a_time(session, f"flags of {municipality}")


def hold_person(session: Session, digest: str) -> None:
    """Let one transaction at a time decide about a person, by the digest of their number."""
    taking(session, Lock.PERSON, digest)
    one_at_a_time(session, digest)


def hold_ceiling(session: Session, agreement: str) -> None:
    """Let one transaction at a time count the families of an agreement."""
    taking(session, Lock.CEILING, agreement)
    one_at_a_time(session, f"families of {agreement}")


def hold_subject(session: Session, subject: str) -> None:
    """Let one transaction at a time write to the questions about something that is no case."""
    taking(session, Lock.SUBJECT, subject)
    one_at_a_time(session, f"questions about {subject}")


def hold_runs(session: Session, party: str) -> None:
    """Let one transaction at a time make a run of postings for a party."""
    taking(session, Lock.RUN, party)
    one_at_a_time(session, f"runs of {party}")


def hold_period(session: Session) -> None:
    """Let nobody book until the transaction ends: whoever books already is waited for."""
    taking(session, Lock.PERIOD)
    hold_table(session, "booking")

"""The same person known again: beside each case a digest of the CPR number, under a key that lies with the vault's.

Whoever has the databases and not the vault's key can try out no number. The digest is shredded with its case.
Nobody has two open cases in one municipality; where another municipality has one, staff are asked and the case waits.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, select

from domain.referrals.lifecycle import OVER
from domain.subject import About, Subject
from storage import locks
from storage.attention import ask_for_attention, close_subject
from storage.columns import UtcDateTime, id_of
from storage.referrals.referrals import Referral
from storage.vault.person_key import NAME_CHARACTERS, PersonKey, PersonMark

SAME_PERSON = "same_person"
# What staff have said of a case whose person has another one, as its history calls it.
GOES_ON, STOPS = "same_person_goes_on", "same_person_stops"


class PersonDigest(SQLModel, table=True):
    """By what the adult of a case is known again. `asked_at` is when staff were asked whether the case may go on."""

    __tablename__ = "person_digest"

    referral_id: int = Field(primary_key=True, foreign_key="referral.id", sa_column_kwargs={"autoincrement": False})
    digest: str = Field(index=True, max_length=64)
    made_with: str = Field(max_length=NAME_CHARACTERS)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str | None = None


def hold_person(session: Session, mark: PersonMark) -> None:
    """Let nobody else take in the same person until the transaction ends. SQLite has one writer as it is."""
    locks.hold_person(session, mark.digest)


def open_cases_of(session: Session, mark: PersonMark, *, but: int = 0) -> list[Referral]:
    """The open cases of a person, whichever municipality has them, the oldest first."""
    query = select(Referral).where(Referral.id == PersonDigest.referral_id, PersonDigest.digest == mark.digest)
    query = query.where(col(Referral.id) != but, col(Referral.status).not_in(OVER)).order_by(col(Referral.id))
    return list(session.exec(query))


def know_person(session: Session, referral: Referral, mark: PersonMark, *, now: datetime) -> None:
    """Keep by what a case's person is known again; staff are asked when another open case has the same person.

    Whoever calls this holds the person. What staff have settled stays settled, unless the number was put right.
    """
    referral_id = id_of(referral)
    kept = session.get(PersonDigest, referral_id)
    if kept is not None and kept.digest == mark.digest:
        return
    # The key was lost and made anew: it is the same person still.
    settled = kept is not None and kept.made_with != mark.made_with and kept.settled_at is not None
    row = kept or PersonDigest(referral_id=referral_id, digest="", made_with="")
    row.digest, row.made_with = mark
    if not settled:
        asks = bool(open_cases_of(session, mark, but=referral_id))
        row.asked_at, row.settled_at, row.settled_by = now if asks else None, None, None
        _have_it_settled(session, referral, now=now) if asks else _not_the_same(session, referral, now=now)
    session.add(row)
    session.flush()


def _have_it_settled(session: Session, referral: Referral, *, now: datetime) -> None:
    ask_for_attention(session, subject_of(referral), SAME_PERSON, now=now, referral_id=referral.id)


def _not_the_same(session: Session, referral: Referral, *, now: datetime) -> None:
    close_subject(session, subject_of(referral), now=now, by="the number was put right")


def subject_of(referral: Referral) -> Subject:
    """What the item of the attention list is about. It tells of one case, and never of the other."""
    return About.PERSON.of(referral.reference)


def staff_were_asked(session: Session, referral_id: int) -> bool:
    """Whether staff were asked if a case may go on, and have not said."""
    asked = session.get(PersonDigest, referral_id)
    return asked is not None and asked.asked_at is not None and asked.settled_at is None


def waits_for_person(session: Session, referral_id: int) -> bool:
    """Whether staff have yet to say if a case may go on; not once the person has no other open case."""
    asked = session.get(PersonDigest, referral_id)
    if asked is None or not staff_were_asked(session, referral_id):
        return False
    return bool(open_cases_of(session, PersonMark(asked.digest, asked.made_with), but=referral_id))


def waiting_for_person(session: Session) -> list[tuple[Referral, Sequence[Referral]]]:
    """The open cases that staff have yet to say something of, each with the others of the same person."""
    query = (
        select(Referral, PersonDigest)
        .where(Referral.id == PersonDigest.referral_id, col(Referral.status).not_in(OVER))
        .where(col(PersonDigest.asked_at).is_not(None), col(PersonDigest.settled_at).is_(None))
        .order_by(col(Referral.id))
    )
    found = session.exec(query).all()
    marks = [(of, PersonMark(kept.digest, kept.made_with)) for of, kept in found]
    each = [(of, open_cases_of(session, mark, but=id_of(of))) for of, mark in marks]
    return [(of, others) for of, others in each if others]


def not_known_yet(session: Session, key: PersonKey, *, after: int, most: int) -> list[Referral]:
    """Open cases without a digest that this key has made, in their order from one on."""
    known = select(PersonDigest.referral_id).where(PersonDigest.made_with == key.name)
    query = select(Referral).where(col(Referral.status).not_in(OVER), col(Referral.id).not_in(known))
    return list(session.exec(query.where(col(Referral.id) > after).order_by(col(Referral.id)).limit(most)))


def forget_person(session: Session, referral_id: int) -> None:
    """Let go of by what a case's person was known again."""
    session.exec(delete(PersonDigest).where(col(PersonDigest.referral_id) == referral_id))

"""Recognises the same person: beside each case a digest of the CPR number, under a key that lies with the vault's.

Nobody who has the databases without the vault's key can find a number by trying. The digest goes when its case's data
are shredded. Nobody has two open cases in one municipality; where another municipality has one, staff are asked and the
case waits.
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
# What staff decided about a case whose person has another open one, as the case's history calls it.
GOES_ON, STOPS = "same_person_goes_on", "same_person_stops"


class PersonDigest(SQLModel, table=True):
    """The digest that recognises a case's adult. `asked_at` is when staff were asked whether the case may go on."""

    __tablename__ = "person_digest"

    referral_id: int = Field(primary_key=True, foreign_key="referral.id", sa_column_kwargs={"autoincrement": False})
    digest: str = Field(index=True, max_length=64)
    made_with: str = Field(max_length=NAME_CHARACTERS)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str | None = None


def hold_person(session: Session, mark: PersonMark) -> None:
    """Keep others from taking in the same person until the transaction ends. SQLite has one writer anyway."""
    locks.hold_person(session, mark.digest)


def open_cases_of(session: Session, mark: PersonMark, *, but: int = 0) -> list[Referral]:
    """A person's open cases in all municipalities, oldest first."""
    query = select(Referral).where(Referral.id == PersonDigest.referral_id, PersonDigest.digest == mark.digest)
    query = query.where(col(Referral.id) != but, col(Referral.status).not_in(OVER)).order_by(col(Referral.id))
    return list(session.exec(query))


def know_person(session: Session, referral: Referral, mark: PersonMark, *, now: datetime) -> None:
    """Store the digest of a case's person; staff are asked when another open case has the same person.

    The caller must hold the person. What staff have decided stays decided, unless the number was corrected.
    """
    referral_id = id_of(referral)
    kept = session.get(PersonDigest, referral_id)
    if kept is not None and kept.digest == mark.digest:
        return
    # The digest differs because the key was lost and made anew: it is still the same person.
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
    """The subject of the attention item. It names this case, and never the other one."""
    return About.PERSON.of(referral.reference)


def staff_were_asked(session: Session, referral_id: int) -> bool:
    """Whether staff were asked if a case may go on, and have not decided."""
    asked = session.get(PersonDigest, referral_id)
    return asked is not None and asked.asked_at is not None and asked.settled_at is None


def waits_for_person(session: Session, referral_id: int) -> bool:
    """Whether staff have yet to decide if a case may go on; False once the person has no other open case."""
    asked = session.get(PersonDigest, referral_id)
    if asked is None or not staff_were_asked(session, referral_id):
        return False
    return bool(open_cases_of(session, PersonMark(asked.digest, asked.made_with), but=referral_id))


def waiting_for_person(session: Session) -> list[tuple[Referral, Sequence[Referral]]]:
    """The open cases that staff have yet to decide about, each with the same person's other cases."""
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
    """Open cases without a digest made by this key, in order, after a given id."""
    known = select(PersonDigest.referral_id).where(PersonDigest.made_with == key.name)
    query = select(Referral).where(col(Referral.status).not_in(OVER), col(Referral.id).not_in(known))
    return list(session.exec(query.where(col(Referral.id) > after).order_by(col(Referral.id)).limit(most)))


def forget_person(session: Session, referral_id: int) -> None:
    """Delete the digest of a case's person."""
    session.exec(delete(PersonDigest).where(col(PersonDigest.referral_id) == referral_id))

"""Disclosures: which party was told who a family is, what of it, on what basis, and whether it has deleted it again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, update
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.parties.party import PartyKind, party_kind
from storage.audit.states import chain_state
from storage.columns import UtcDateTime
from storage.database import write
from storage.locks import HELD, Lock, holding, taking
from storage.outbox import Telling, put

# What each kind of party is told, and by which telling. Nobody is told where the family lives now.
_TELLING = {PartyKind.ASSOCIATION: Telling.DISCLOSE, PartyKind.MUNICIPALITY: Telling.HAND_OVER}
_RECALL_OF = {Telling.DISCLOSE: Telling.RECALL, Telling.HAND_OVER: Telling.TAKE_BACK}
_FIELDS = {
    Telling.DISCLOSE: "adult_name, email, phone, address_protection",
    Telling.HAND_OVER: "adult_name, cpr, email, phone, address_protection",
}

# The columns that say what happened to a disclosure.
TOLD = ("fields", "disclosed_at", "recalled_at", "deletion_confirmed_at")


class Disclosure(SQLModel, table=True):
    """A party that was told who a family is: which fields, on what basis, and whether it was recalled."""

    __tablename__ = "disclosure"
    __table_args__ = (
        UniqueConstraint("offer_id", "to_party"),
        {
            "info": {
                "chained_parts": {
                    "disclosure": ("referral_id", "offer_id", "to_party", "basis", "decided_at"),
                    "disclosed": TOLD,
                }
            }
        },
    )

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    offer_id: int = Field(foreign_key="offer.id")
    to_party: str
    fields: str
    basis: str
    decided_at: datetime = Field(sa_type=UtcDateTime)
    disclosed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recalled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deletion_confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def _lane_of(telling: Telling, party: str) -> str:
    """The lane of a telling: a municipality's deletions do not wait for its finance system."""
    return f"{party}/handover" if telling in (Telling.HAND_OVER, Telling.TAKE_BACK) else party


def _put(session: Session, telling: Telling, of: Disclosure, *, now: datetime) -> None:
    about = {"referral_id": of.referral_id, "offer_id": of.offer_id}
    put(session, telling, to=of.to_party, lane=_lane_of(telling, of.to_party), now=now, **about)


def disclose(session: Session, referral_id: int, offer_id: int, *, to: str, basis: str, now: datetime) -> Disclosure:
    """Have a party told who a family is, and record it."""
    telling = _telling_to(to)
    of = Disclosure(
        referral_id=referral_id,
        offer_id=offer_id,
        to_party=to,
        fields=_FIELDS[telling],
        basis=basis,
        decided_at=now,
    )
    write(session, of)
    chain_state(session, Disclosure, of, now=now)
    _put(session, telling, of, now=now)
    return of


def recall(session: Session, offer_id: int, *, now: datetime) -> list[str]:
    """Have every party that was told who an offer's family is delete it; returns those parties."""
    # Read anew and locked: a party's acknowledgement may be recorded at the same moment.
    taking(session, Lock.DISCLOSURE)
    standing = holding(_standing().where(Disclosure.offer_id == offer_id))
    told = list(session.exec(standing.execution_options(populate_existing=True)))
    for of in told:
        of.recalled_at = now
        session.add(of)
        chain_state(session, Disclosure, of, now=now, parts=("disclosed",))
        _put(session, _RECALL_OF[_telling_to(of.to_party)], of, now=now)
    return [of.to_party for of in told]


def still_told(session: Session, referral_id: int) -> list[Disclosure]:
    """A case's disclosures that were not recalled."""
    return list(session.exec(_standing().where(Disclosure.referral_id == referral_id)))


_STANDS = select(Disclosure.id).where(
    Disclosure.offer_id == bindparam("offer"),
    Disclosure.to_party == bindparam("party"),
    col(Disclosure.recalled_at).is_(None),
)


def stands(session: Session, offer_id: int, party: str) -> bool:
    """Whether a party may know who an offer's family is: it was disclosed to the party, and not recalled."""
    return session.connection().execute(_STANDS, {"offer": offer_id, "party": party}).first() is not None


def tell_again(session: Session, some: Iterable[Disclosure], *, now: datetime) -> list[str]:
    """Tell these parties again who the family is, with all fields; returns the parties."""
    told = []
    for of in some:
        taking(session, Lock.DISCLOSURE, of.id)
        session.refresh(of, with_for_update=HELD)
        telling = _telling_to(of.to_party)
        of.fields = _FIELDS[telling]
        session.add(of)
        chain_state(session, Disclosure, of, now=now, parts=("disclosed",))
        _put(session, telling, of, now=now)
        told.append(of.to_party)
    return told


def unconfirmed(session: Session, referral_id: int) -> list[str]:
    """The parties that were asked to delete who a family is, and have not confirmed it."""
    query = select(Disclosure.to_party).where(
        Disclosure.referral_id == referral_id,
        col(Disclosure.recalled_at).is_not(None),
        col(Disclosure.deletion_confirmed_at).is_(None),
    )
    return list(session.exec(query.order_by(col(Disclosure.id))))


_OF_CASES = holding(
    select(Disclosure.id)
    .where(col(Disclosure.referral_id).in_(bindparam("cases", expanding=True)))
    .order_by(col(Disclosure.id))
)


def hold_disclosures(session: Session, referral_ids: Iterable[int]) -> None:
    """Hold what some cases have disclosed, before several of it are written to."""
    taking(session, Lock.DISCLOSURE)
    session.connection().execute(_OF_CASES, {"cases": list(referral_ids)})


_ITS = (
    update(Disclosure)
    .where(col(Disclosure.offer_id) == bindparam("offer"), col(Disclosure.to_party) == bindparam("party"))
    .returning(*(col(getattr(Disclosure, name)) for name in ("id", *TOLD)))
)
_NOW = bindparam("now", type_=UtcDateTime())
# The first time that the party received it counts.
_HEARD = _ITS.values(disclosed_at=func.coalesce(Disclosure.disclosed_at, _NOW))
_DELETED = _ITS.values(deletion_confirmed_at=_NOW)


def acknowledged(session: Session, telling: Telling, offer_id: int, party: str, *, now: datetime) -> None:
    """Record that a party has received who the family is (the first time counts), or has deleted it."""
    noted = _DELETED if telling in _RECALL_OF.values() else _HEARD
    values = {"offer": offer_id, "party": party, "now": now}
    for said in session.connection().execute(noted, values).mappings():
        chain_state(session, Disclosure, dict(said), now=now, parts=("disclosed",))


def _standing() -> SelectOfScalar[Disclosure]:
    return select(Disclosure).where(col(Disclosure.recalled_at).is_(None)).order_by(col(Disclosure.id))


def _telling_to(party: str) -> Telling:
    return _TELLING[party_kind(party)]

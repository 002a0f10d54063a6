"""Partners as imported, in versions; the newest is in force."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from domain.parties.party import Partner
from storage.audit.states import chain_state
from storage.columns import UtcDateTime
from storage.dialect import only_where
from storage.parties.deputies import remember_deputies

PARTNERS = TypeAdapter(Partner)


class PartnerVersion(SQLModel, table=True):
    """One version of a partner, as its file had it; the newest is `current`."""

    __tablename__ = "partner_version"
    __table_args__ = (
        Index(
            "one_current_partner",
            "party",
            unique=True,
            **only_where(text("current")),
        ),
        {"info": {"chained_parts": {"party": ("party", "document", "imported_at"), "current": ("current",)}}},
    )

    id: int | None = Field(default=None, primary_key=True)
    party: str
    document: str
    current: bool
    imported_at: datetime = Field(sa_type=UtcDateTime)


@lru_cache(maxsize=1024)
def partner_from(document: str) -> Partner:
    """A partner as its document has it."""
    return PARTNERS.validate_json(document)


_DOCUMENT = text("SELECT document FROM partner_version WHERE party = :party AND current")


def partner_of(session: Session, party: str) -> Partner:
    """A partner as it is now, read once a session. As SQL, because every letter and every move asks it."""
    read: dict[str, Partner] = session.info.setdefault("partners", {})
    if party not in read:
        read[party] = partner_from(session.connection().execute(_DOCUMENT, {"party": party}).scalar_one())
    return read[party]


def partners(session: Session) -> list[Partner]:
    """Every partner as it is now, by party. A partner that cannot be read is left out: `illegible` names it."""
    return [found for _, found in _read(session) if found is not None]


def illegible(session: Session) -> list[str]:
    """The parties whose document was stored by an earlier version and cannot be read by this one."""
    return [party for party, found in _read(session) if found is None]


def _read(session: Session) -> Iterator[tuple[str, Partner | None]]:
    query = select(PartnerVersion.party, PartnerVersion.document).where(col(PartnerVersion.current))
    for party, document in session.exec(query.order_by(PartnerVersion.party)):
        try:
            found = partner_from(document)
        except ValidationError:
            found = None
        yield party, found


def remember_partner(session: Session, partner: Partner, *, now: datetime) -> bool:
    """Keep a partner as it is now; False when nothing changed."""
    document = PARTNERS.dump_json(partner).decode()
    known = session.exec(
        select(PartnerVersion).where(PartnerVersion.party == partner.party, col(PartnerVersion.current))
    ).one_or_none()
    if known is not None:
        if known.document == document:
            return False
        known.current = False
        session.add(known)
        session.flush()
        chain_state(session, PartnerVersion, known, now=now, parts=("current",))
    version = PartnerVersion(party=partner.party, document=document, current=True, imported_at=now)
    session.add(version)
    session.flush()
    chain_state(session, PartnerVersion, version, now=now)
    session.info.get("partners", {}).pop(partner.party, None)
    remember_deputies(session, partner, now=now)
    return True

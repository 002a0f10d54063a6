"""Agreements as imported, in versions. A referral keeps the version it started on."""

import json
from datetime import date, datetime
from functools import lru_cache

from pydantic import TypeAdapter
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.errors import Invalid
from domain.parties.agreement import Agreement
from domain.parties.agreements.changes import FieldChange, changes
from storage.audit.states import chain_state
from storage.columns import UtcDateTime, id_of

AGREEMENTS = TypeAdapter(Agreement)


class AgreementVersion(SQLModel, table=True):
    """One version of an agreement, as its file had it."""

    __tablename__ = "agreement_version"
    __table_args__ = (
        UniqueConstraint("agreement_id", "version"),
        {
            "info": {
                "chained_parts": {"agreement": ("agreement_id", "version", "valid_from", "document", "imported_at")}
            }
        },
    )

    id: int | None = Field(default=None, primary_key=True)
    agreement_id: str
    version: int
    valid_from: date
    document: str
    imported_at: datetime = Field(sa_type=UtcDateTime)


@lru_cache(maxsize=256)
def _agreement(document: str) -> Agreement:
    return AGREEMENTS.validate_json(document)


def agreement_of(session: Session, version_id: int) -> Agreement:
    """The agreement in the version that a referral started on. A version never changes, and is read once a process."""
    read: dict[int, Agreement] = session.info.get("for_good", {}).setdefault("agreements", {})
    if version_id not in read:
        read[version_id] = _agreement(session.get_one(AgreementVersion, version_id).document)
    return read[version_id]


def agreement_for(session: Session, sending: str, *, on: date) -> int | None:
    """The row id of the newest agreement version under which a municipality may send on a day."""
    rows = session.exec(
        select(AgreementVersion)
        .where(col(AgreementVersion.valid_from) <= on)
        .order_by(col(AgreementVersion.valid_from).desc(), col(AgreementVersion.version).desc())
    )
    begun: dict[str, AgreementVersion] = {}
    for row in rows:
        # Only the newest version that has begun counts: a municipality that has left an agreement starts no case on it.
        begun.setdefault(row.agreement_id, row)
    return next((row.id for row in begun.values() if _takes(_agreement(row.document), sending, on)), None)


def _takes(agreement: Agreement, sending: str, on: date) -> bool:
    return sending in agreement.sending and (agreement.valid_until is None or on <= agreement.valid_until)


def newest_agreements(session: Session) -> list[Agreement]:
    """Each agreement in its newest version, by its id."""
    rows = session.exec(select(AgreementVersion).order_by(AgreementVersion.agreement_id, col(AgreementVersion.version)))
    return list({row.agreement_id: _agreement(row.document) for row in rows}.values())


def in_force(session: Session, *, on: date) -> dict[int, Agreement]:
    """The version of each agreement that holds on a day, by its row id: the newest that has begun."""
    rows = session.exec(
        select(AgreementVersion)
        .where(col(AgreementVersion.valid_from) <= on)
        .order_by(AgreementVersion.agreement_id, col(AgreementVersion.valid_from), col(AgreementVersion.version))
    )
    newest = {row.agreement_id: row for row in rows}
    return {id_of(row): _agreement(row.document) for row in newest.values()}


def agreement_versions(session: Session) -> dict[tuple[str, int], Agreement]:
    """Every version of every agreement, by its id and number."""
    rows = session.exec(select(AgreementVersion))
    return {(row.agreement_id, row.version): _agreement(row.document) for row in rows}


def changed_fields(before: Agreement, after: Agreement) -> tuple[FieldChange, ...]:
    """What changes from one version of an agreement to another, in the words of its file."""
    return changes(*(json.loads(AGREEMENTS.dump_json(one)) for one in (before, after)))


def remember_agreement(session: Session, agreement: Agreement, *, now: datetime) -> bool:
    """Keep a version of an agreement; False when it is already here. A version never changes."""
    known = session.exec(
        select(AgreementVersion).where(
            AgreementVersion.agreement_id == agreement.id, AgreementVersion.version == agreement.version
        )
    ).one_or_none()
    if known is not None:
        # Compared by content: a document that an earlier version of ours wrote lacks the fields that came later.
        if AGREEMENTS.validate_json(known.document) != agreement:
            raise Invalid(f"agreement {agreement.id} version", f"{agreement.version} is already here and differs")
        return False
    version = AgreementVersion(
        agreement_id=agreement.id,
        version=agreement.version,
        valid_from=agreement.valid_from,
        document=AGREEMENTS.dump_json(agreement).decode(),
        imported_at=now,
    )
    session.add(version)
    session.flush()
    chain_state(session, AgreementVersion, version, now=now)
    return True

"""What became of each flag a case system sent: taken in, or refused with field and reason."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, select

from domain.ports.case_system import Receipt
from storage.columns import UtcDateTime
from storage.locks import hold_flags
from storage.referrals.referrals import Referral


class FlagReceipt(SQLModel, table=True):
    """The answer to a flag or a withdrawal: one for each, so that none is taken in twice."""

    __tablename__ = "flag_receipt"
    __table_args__ = (UniqueConstraint("municipality", "flag_id"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality: str = Field(foreign_key="municipality.code")
    flag_id: str
    referral_id: int | None = Field(default=None, foreign_key="referral.id")
    field: str | None = None
    reason: str | None = None
    received_at: datetime = Field(sa_type=UtcDateTime)


def decide_alone(session: Session, municipality: str) -> None:
    """Let only one intake of a municipality at a time decide about a flag.

    The lock is held until the transaction ends. Read again what was read before: another intake may have decided.
    """
    hold_flags(session, municipality)


def receipt_for(session: Session, municipality: str, flag_id: str) -> FlagReceipt | None:
    """The answer a flag has already got."""
    query = select(FlagReceipt).where(FlagReceipt.municipality == municipality, FlagReceipt.flag_id == flag_id)
    return session.exec(query).one_or_none()


def receipt_told(session: Session, kept: FlagReceipt) -> Receipt:
    """An answer in the form in which the case system is told."""
    referral = session.get(Referral, kept.referral_id) if kept.referral_id else None
    return Receipt(
        flag_id=kept.flag_id,
        accepted=kept.reason is None,
        reference=referral.reference if referral else None,
        field=kept.field,
        reason=kept.reason,
    )

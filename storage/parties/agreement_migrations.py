"""Which cases were moved to another version of their agreement, by whom, and which were moved back."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import UtcDateTime


class AgreementMigration(SQLModel, table=True):
    """A migration: some cases were moved to a version of their agreement. Append-only."""

    __tablename__ = "agreement_migration"
    __table_args__ = {"info": {"chained_as": "agreement_migration"}}

    id: int | None = Field(default=None, primary_key=True)
    to_version_id: int = Field(foreign_key="agreement_version.id")
    begun_at: datetime = Field(sa_type=UtcDateTime)
    begun_by: str


class MigratedCase(SQLModel, table=True):
    """A case that a migration moved from one version to another; with `undoes_id` back again. Append-only."""

    __tablename__ = "migrated_case"
    __table_args__ = {"info": {"chained_as": "migrated_case"}}

    id: int | None = Field(default=None, primary_key=True)
    migration_id: int = Field(foreign_key="agreement_migration.id", index=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    from_version_id: int = Field(foreign_key="agreement_version.id")
    to_version_id: int = Field(foreign_key="agreement_version.id")
    moved_at: datetime = Field(sa_type=UtcDateTime)
    moved_by: str
    undoes_id: int | None = Field(default=None, foreign_key="migrated_case.id", unique=True)


def moved_by(session: Session, migration_id: int) -> list[MigratedCase]:
    """What a migration moved and was not moved back, in the order in which it did."""
    query = select(MigratedCase).where(MigratedCase.migration_id == migration_id).order_by(col(MigratedCase.id))
    rows = session.exec(query).all()
    undone = {row.undoes_id for row in rows}
    return [row for row in rows if row.undoes_id is None and row.id not in undone]


def last_move(session: Session, referral_id: int) -> MigratedCase | None:
    """The newest move of a case from one version to another, or back."""
    query = select(MigratedCase).where(MigratedCase.referral_id == referral_id)
    return session.exec(query.order_by(col(MigratedCase.id).desc()).limit(1)).one_or_none()

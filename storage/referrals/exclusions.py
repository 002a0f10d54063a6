"""What a case is not asked about again, after a no."""

from sqlalchemy import bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col

from domain.referrals.lifecycle import Effect
from storage.columns import one_of
from storage.database import write


class Exclusion(SQLModel, table=True):
    """What earlier declines excluded from a referral's search: a home's id, an association, a municipality."""

    __tablename__ = "exclusion"
    __table_args__ = (UniqueConstraint("referral_id", "effect", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    effect: Effect = Field(sa_type=one_of(Effect, "exclusion_effect"))
    value: str


_EXCLUSIONS = sa_select(col(Exclusion.effect), col(Exclusion.value)).where(
    col(Exclusion.referral_id) == bindparam("referral_id")
)


def exclusions(session: Session, referral_id: int) -> dict[Effect, frozenset[str]]:
    """What is excluded from the search, by kind."""
    found: dict[Effect, set[str]] = {}
    for effect, value in session.connection().execute(_EXCLUSIONS, {"referral_id": referral_id}):
        found.setdefault(effect, set()).add(value)
    return {effect: frozenset(values) for effect, values in found.items()}


def exclude(session: Session, referral_id: int, effect: Effect, value: str) -> None:
    """Exclude a home, an association or a municipality from the search; doing it twice changes nothing."""
    if value not in exclusions(session, referral_id).get(effect, frozenset()):
        write(session, Exclusion(referral_id=referral_id, effect=effect, value=value))

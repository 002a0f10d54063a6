"""That a backup was put back, as the chain knows it: to which entry the database went back, and from which."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlmodel import Session, col, select

from storage.audit.events import AuditEvent, write_event

RESTORED = "restored"


class End(Protocol):
    """An end that the chain had at a moment."""

    @property
    def seq(self) -> int:
        """The entry."""
        ...

    @property
    def at(self) -> datetime:
        """The moment."""
        ...


class Restoration(NamedTuple):
    """The entries after `back_to` and up to `lost_to` were lost, and others may have taken their places since."""

    back_to: int
    lost_to: int
    by: str
    at: datetime

    def explains(self, end: End) -> bool:
        """Whether an end that the chain does not have was lost then."""
        return self.back_to < end.seq <= self.lost_to and end.at <= self.at


def restorations(session: Session) -> list[Restoration]:
    """Every one that was written down, oldest first."""
    query = select(AuditEvent).where(AuditEvent.deed == RESTORED).order_by(col(AuditEvent.id))
    return [_as_restoration(event) for event in session.exec(query)]


def _as_restoration(event: AuditEvent) -> Restoration:
    return Restoration(int(event.facts["back_to"]), int(event.facts["lost_to"]), event.actor, event.at)


def write_restoration(
    session: Session,
    *,
    back_to: tuple[int, str],
    lost: Iterable[tuple[int, str]],
    by: str,
    now: datetime,
    **counts: int,
) -> None:
    """Write down that a backup was put back: the end that came back, and the furthest of those that were lost."""
    seq, hash_ = max(lost, default=back_to)
    facts = {"back_to": str(back_to[0]), "back_to_hash": back_to[1], "lost_to": str(seq), "lost_hash": hash_}
    told = facts | {name: str(count) for name, count in counts.items()}
    write_event(session, RESTORED, actor=by, about="database", at=now, **told)

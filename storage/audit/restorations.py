"""Records in the chain that a backup was put back: to which entry the database went back, and from which."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlmodel import Session, col, select

from domain.subject import About, Subject
from storage.audit.events import AuditEvent, write_event

RESTORED = "restored"


class End(Protocol):
    """An end of the chain at a moment."""

    @property
    def seq(self) -> int:
        """The entry."""
        ...

    @property
    def at(self) -> datetime:
        """The moment."""
        ...

    @property
    def hash(self) -> str:
        """The hash that the chain had there."""
        ...


class Restoration(NamedTuple):
    """The entries after `back_to` were lost, and others may have taken their places since.

    `lost` are earlier ends of the chain, each an entry and its hash.
    """

    back_to: int
    lost: frozenset[tuple[int, str]]
    by: str
    at: datetime

    def explains(self, end: End) -> bool:
        """Whether an end that is missing in the chain was lost in this restoration."""
        furthest = max((seq for seq, _ in self.lost), default=0)
        return (end.seq, end.hash) in self.lost or (self.back_to < end.seq <= furthest and end.at <= self.at)


def restorations(session: Session) -> list[Restoration]:
    """Every recorded restoration, oldest first."""
    query = select(AuditEvent).where(AuditEvent.deed == RESTORED).order_by(col(AuditEvent.id))
    return [_as_restoration(event) for event in session.exec(query)]


def _as_restoration(event: AuditEvent) -> Restoration:
    lost = (one.partition(":") for one in event.facts["lost"].split())
    return Restoration(
        back_to=int(event.facts["back_to"].partition(":")[0]),
        lost=frozenset((int(seq), hash_) for seq, _, hash_ in lost),
        by=event.actor,
        at=event.at,
    )


def write_restoration(
    session: Session,
    *,
    back_to: tuple[int, str],
    lost: Iterable[tuple[int, str]],
    believed: Iterable[str] = (),
    by: str,
    now: datetime,
    **counts: int,
) -> None:
    """Record that a backup was put back: the end that came back, and the ends known to be lost.

    `believed` are the parties whose word about what they hold a person accepted.
    """
    facts = {"back_to": "{}:{}".format(*back_to), "lost": " ".join(f"{seq}:{hash_}" for seq, hash_ in sorted(lost))}
    facts |= {"believed": " ".join(believed)}
    told = facts | {name: str(count) for name, count in counts.items()}
    write_event(session, RESTORED, actor=by, about=Subject(About.DATABASE), at=now, **told)

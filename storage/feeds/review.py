"""What a person decides about the night: feeds that were held back, and rows in quarantine.

Nothing is applied here: accepted loads and replayed rows wait in staging until the worker applies them.
"""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from domain.errors import TilflytError
from storage.feeds.comparison import Difference, Differing, difference, differing
from storage.feeds.feeds import FeedLoad, held_load
from storage.feeds.quarantine import FieldMapping, QuarantinedRow, RowStanding

MOST_LISTED = 500
MOST_DIFFERENCES = 20


class NothingHeld(TilflytError):
    """There is no such feed or row to decide about."""

    code = "nothing_held"


@dataclass(frozen=True, slots=True)
class Held:
    """A feed that was held back, why, and what would change if it were applied."""

    load: FeedLoad
    would: Difference
    differs: tuple[Differing, ...] = ()


def held(session: Session, association: str, *, seen: int | None = None) -> Held:
    """The held feed of an association; `seen` is the load that the person had in front of them."""
    load = held_load(session, association)
    if load is None or seen not in (None, load.id):
        raise NothingHeld(f"nothing of {association} is held back")
    return Held(load, difference(session, load), tuple(differing(session, load, most=MOST_DIFFERENCES)))


def in_quarantine(session: Session, association: str | None = None) -> list[QuarantinedRow]:
    """The rows in quarantine, oldest first."""
    query = select(QuarantinedRow).where(QuarantinedRow.standing == RowStanding.KEPT)
    if association is not None:
        query = query.where(QuarantinedRow.association == association)
    return list(session.exec(query.order_by(col(QuarantinedRow.id)).limit(MOST_LISTED)))


def kept_row(session: Session, row_id: int, *, of: str | None = None) -> QuarantinedRow:
    """A row in quarantine, by its number; it must be the association's, where one is named."""
    row = session.get(QuarantinedRow, row_id)
    if row is None or row.standing is not RowStanding.KEPT or of not in (None, row.association):
        raise NothingHeld(f"no row {row_id} is in quarantine")
    return row


def dropped(session: Session, association: str, *, most: int = 20) -> list[QuarantinedRow]:
    """The rows that somebody dropped, newest first."""
    query = select(QuarantinedRow).where(
        QuarantinedRow.association == association, QuarantinedRow.standing == RowStanding.DROPPED
    )
    return list(session.exec(query.order_by(col(QuarantinedRow.ended_at).desc()).limit(most)))


def mappings(session: Session, association: str) -> list[FieldMapping]:
    """What an association's words are read as, by field."""
    query = select(FieldMapping).where(FieldMapping.association == association)
    return list(session.exec(query.order_by(FieldMapping.field, FieldMapping.written)))


def history(session: Session, association: str | None = None, *, most: int = 100) -> list[dict[str, Any]]:
    """The last loads, newest first."""
    query = select(FeedLoad).order_by(col(FeedLoad.id).desc()).limit(most)
    if association is not None:
        query = query.where(FeedLoad.association == association)
    return [
        {
            "at": load.started_at.isoformat(timespec="seconds"),
            "association": load.association,
            "kind": load.kind,
            "mode": load.mode,
            "outcome": load.standing,
            "rows": load.rows,
            "appeared": load.appeared,
            "changed": load.changed,
            "vanished": load.vanished,
            "quarantined": load.quarantined,
            "not kept": load.not_kept,
            "why": ", ".join(load.why),
            "decided by": load.decided_by or "",
            "run": load.flow_run_id or "",
        }
        for load in session.exec(query)
    ]

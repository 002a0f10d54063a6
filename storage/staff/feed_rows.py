"""Staff decide about rows in quarantine: judged again, dropped, or taken back.

What is replayed waits in staging, and the worker takes it over.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadKind, LoadStanding
from domain.ports.vacancy_feed import RawVacancy
from domain.subject import About
from storage.audit.events import write_event
from storage.feeds.feeds import FeedLoad, write_load
from storage.feeds.quarantine import FORGOTTEN, QuarantinedRow, RowStanding
from storage.feeds.review import NothingHeld, kept_row
from storage.feeds.staging import ground_of, judge, stage


def drop(session: Session, row_id: int, *, by: str, now: datetime, of: str | None = None) -> None:
    """Take a row out of quarantine for good: when the same row comes again, nobody is asked."""
    _end(session, kept_row(session, row_id, of=of), RowStanding.DROPPED, by, now)


def take_back(session: Session, row_id: int, *, of: str, by: str, now: datetime) -> None:
    """Put a row back into quarantine that was dropped by mistake."""
    row = session.get(QuarantinedRow, row_id)
    if row is None or row.standing is not RowStanding.DROPPED or row.association != of:
        raise NothingHeld(f"no row {row_id} was dropped")
    row.standing, row.ended_at, row.ended_by = RowStanding.KEPT, None, None
    session.add(row)
    write_event(session, "row_taken_back", actor=by, about=About.FEED.of(of), at=now, row=str(row_id))


def replay(session: Session, row_id: int, *, by: str, now: datetime, of: str | None = None) -> list[str]:
    """Judge a row again with today's mappings: a right row is staged, else the reasons that remain are returned."""
    row = kept_row(session, row_id, of=of)
    if not row.told.keys() - {"external_id"} and row.reasons:
        # No part of the row could be read: there is nothing to judge.
        return row.reasons
    found = judge([RawVacancy(row.line, row.told, row.raw)], ground_of(session, row.association))
    if found.rejected:
        row.reasons = found.rejected[0].reasons
        session.add(row)
        return row.reasons
    load = FeedLoad(
        association=row.association,
        kind=LoadKind.REPLAY,
        mode=FeedMode.DELTA,
        standing=LoadStanding.READY,
        started_at=now,
        decided_by=by,
    )
    write_load(session, load)
    stage(session, load, found)
    write_load(session, load)
    _end(session, row, RowStanding.REPLAYED, by, now)
    row.raw, row.told = FORGOTTEN["raw"], FORGOTTEN["told"]
    return []


def _end(session: Session, row: QuarantinedRow, standing: RowStanding, by: str, now: datetime) -> None:
    row.standing, row.ended_at, row.ended_by = standing, now, by
    session.add(row)
    write_event(session, f"row_{standing}", actor=by, about=About.FEED.of(row.association), at=now, row=str(row.id))


def replay_all(session: Session, numbers: Iterable[int], *, by: str, now: datetime) -> dict[int, list[str]]:
    """Judge rows again; returns by row number what is still wrong."""
    return {number: replay(session, number, by=by, now=now) for number in numbers}


def drop_all(session: Session, numbers: Iterable[int], *, by: str, now: datetime) -> None:
    """Take rows out of quarantine for good."""
    for number in numbers:
        drop(session, number, by=by, now=now)

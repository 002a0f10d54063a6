"""The ends and numbers that were lost with a backup put back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage.audit.chain import LINK
from storage.audit.events import AuditEvent
from storage.audit.restorations import restorations
from storage.audit.states import ChainedStates
from storage.referrals.history import HistoryLine
from storage.referrals.references import ReferenceCounter
from storage.restored.watermark import Gone
from tasks.restored.restored import Kept

# How many further numbers to skip: they may have been given, but nobody told us of them.
SPARE_NUMBERS = 100


def lost_ends(session: Session, gone: Gone | None, kept: Kept) -> list[tuple[int, str]]:
    """The ends that the chain has lost and no earlier run has recorded."""
    ends = [*kept]
    if gone is not None:
        ends.append((gone.mark.seq, gone.mark.hash))
    known = {one for before in restorations(session) for one in before.lost}
    return [end for end in dict.fromkeys(ends) if end not in known and not _is_there(session, *end)]


def _is_there(session: Session, seq: int, hash_: str) -> bool:
    query = sa_select(LINK.c.seq).where(LINK.c.seq == seq, LINK.c.hash == hash_)
    return session.connection().execute(query).first() is not None


def newest_moment(session: Session) -> datetime:
    """The moment of the newest thing that this database knows."""
    newest = (
        session.exec(select(AuditEvent.at).order_by(col(AuditEvent.id).desc()).limit(1)).first(),
        session.exec(select(HistoryLine.at).order_by(col(HistoryLine.id).desc()).limit(1)).first(),
        session.exec(select(ChainedStates.at).order_by(col(ChainedStates.id).desc()).limit(1)).first(),
    )
    return max(filter(None, newest))


def numbers_given(session: Session, gone: Gone | None) -> tuple[dict[int, int], dict[int, int]]:
    """The last numbers by year: those that this database has given, and those that it or its mark knows."""
    last = {row.year: row.last for row in session.exec(select(ReferenceCounter))}
    known = gone.mark.references if gone else {}
    return last, {year: max(last.get(year, 0), known.get(year, 0)) for year in last.keys() | known.keys()}


def numbers_to_skip(
    last: Mapping[int, int], known: Mapping[int, int], *, this_year: int, any_lost: bool
) -> dict[int, tuple[int, int]]:
    """For each year whose numbers may be other cases' elsewhere: the last number given, and the last to skip."""
    if any_lost:
        known = {this_year: 0, **known}
    return {
        year: (last.get(year, 0), max(number, last.get(year, 0)) + SPARE_NUMBERS)
        for year, number in known.items()
        if number > last.get(year, 0) or (any_lost and year == this_year)
    }


def hash_of(session: Session, seq: int) -> str | None:
    """The hash of the chain at an entry; None when there is none."""
    found: str | None = session.connection().execute(sa_select(LINK.c.hash).where(LINK.c.seq == seq)).scalar()
    return found

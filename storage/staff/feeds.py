"""Staff decide about the night: a feed that was held back, rows in quarantine, and what an association's words mean.

Nothing is applied here: what is accepted or replayed waits in staging, and the worker takes it over.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.anonymity.screening import holds_cpr_number
from domain.errors import Invalid
from domain.feeds.contract import FIELDS, FeedMode
from domain.feeds.load import LoadKind, LoadStanding
from domain.feeds.row_judge import MUNICIPALITY, judged
from domain.parties.party import association as association_party
from storage.areas.area_names import area_names, ask_about, not_known
from storage.areas.places import municipality_codes
from storage.attention import close_subject
from storage.audit.events import write_event
from storage.columns import id_of
from storage.dialect import told_plainly
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import FORGOTTEN, FieldMapping, QuarantinedRow, RowStanding, mappings_of, meant
from storage.feeds.review import Held, NothingHeld, held, kept_row
from storage.feeds.staging import AREA, as_staged, stage
from storage.feeds.takeover import forget

_STILL_HELD = update(FeedLoad).where(col(FeedLoad.standing) == LoadStanding.HELD)


def accept(session: Session, association: str, *, by: str, now: datetime, seen: int | None = None) -> Held:
    """Have a feed that was held back applied all the same."""
    found = held(session, association, seen=seen)
    _decide(session, found.load, LoadStanding.READY, by, now)
    return found


def refuse(session: Session, association: str, *, by: str, now: datetime, seen: int | None = None) -> Held:
    """Leave the last good snapshot standing; the next night is judged anew."""
    found = held(session, association, seen=seen)
    _decide(session, found.load, LoadStanding.REFUSED, by, now)
    forget(session, id_of(found.load))
    return found


def _decide(session: Session, load: FeedLoad, standing: LoadStanding, by: str, now: datetime) -> None:
    values = {"standing": standing, "decided_by": by, "ended_at": now}
    if session.exec(_STILL_HELD.where(col(FeedLoad.id) == load.id).values(values)).rowcount == 0:
        raise NothingHeld(f"nothing of {load.association} is held back any more")
    load.standing, load.decided_by, load.ended_at = standing, by, now
    write_event(session, f"feed_{standing}", actor=by, about=f"feed:{load.association}", at=now, load=str(load.id))
    close_subject(session, f"feed:{load.association}", now=now, by=by)


def drop(session: Session, row_id: int, *, by: str, now: datetime, of: str | None = None) -> None:
    """Take a row out of quarantine for good: when the same comes again, nobody is asked."""
    _end(session, kept_row(session, row_id, of=of), RowStanding.DROPPED, by, now)


def take_back(session: Session, row_id: int, *, of: str, by: str, now: datetime) -> None:
    """Keep a row again that somebody dropped by mistake."""
    row = session.get(QuarantinedRow, row_id)
    if row is None or row.standing is not RowStanding.DROPPED or row.association != of:
        raise NothingHeld(f"no row {row_id} was dropped")
    row.standing, row.ended_at, row.ended_by = RowStanding.KEPT, None, None
    session.add(row)
    write_event(session, "row_taken_back", actor=by, about=f"feed:{of}", at=now, row=str(row_id))


def forget_mapping(session: Session, association: str, mapping_id: int, *, by: str, now: datetime) -> None:
    """From now on, an association's word is read as it stands."""
    mapping = session.get(FieldMapping, mapping_id)
    if mapping is None or mapping.association != association:
        raise NothingHeld(f"no mapping {mapping_id}")
    session.delete(mapping)
    write_event(session, "mapping_forgotten", actor=by, about=f"feed:{association}", at=now, field=mapping.field)


def remember_mapping(
    session: Session, association: str, field: str, written: str, meant_by_it: str, *, by: str, now: datetime
) -> None:
    """From now on, what an association writes in a field is read as something else: `stuen` as floor 0."""
    if field not in FIELDS or field == "external_id":
        raise Invalid(field, f"is no field that can be mapped; known: {', '.join(FIELDS[1:])}")
    if holds_cpr_number(written) or holds_cpr_number(meant_by_it):
        raise Invalid("written", "holds_cpr_number")
    query = select(FieldMapping).where(
        FieldMapping.association == association, FieldMapping.field == field, FieldMapping.written == written
    )
    mapping = session.exec(query).one_or_none() or FieldMapping(
        association=association, field=field, written=written, meant="", since=now, by=by
    )
    mapping.meant, mapping.since, mapping.by = meant_by_it, now, by
    session.add(mapping)
    session.flush()
    write_event(session, "mapping_made", actor=by, about=f"feed:{association}", at=now, field=field)


def replay(session: Session, row_id: int, *, by: str, now: datetime, of: str | None = None) -> list[str]:
    """Judge a row again, by the mappings there are now; it waits to be applied, or these are its reasons still."""
    row = kept_row(session, row_id, of=of)
    if not row.told.keys() - {"external_id"} and row.reasons:
        # Nothing of it could be read: there is nothing to judge.
        return row.reasons
    told = meant(row.told, mappings_of(session, row.association))
    good, faults = judged(told, municipalities=municipality_codes(session))
    if good is None:
        row.reasons = faults
        session.add(row)
        return faults
    load = FeedLoad(
        association=row.association,
        kind=LoadKind.REPLAY,
        mode=FeedMode.DELTA,
        standing=LoadStanding.READY,
        started_at=now,
        rows=1,
        decided_by=by,
    )
    session.add(load)
    session.flush()
    staged = as_staged(good, plainly=told_plainly(session))
    stage(session, id_of(load), [staged])
    named = {(staged[MUNICIPALITY], staged[AREA]): good[AREA]} if staged[AREA] else {}
    asked_by = association_party(row.association)
    ask_about(session, not_known(named, lambda: area_names(session)), asked_by=asked_by, now=now)
    _end(session, row, RowStanding.REPLAYED, by, now)
    row.raw, row.told = FORGOTTEN["raw"], FORGOTTEN["told"]
    return []


def _end(session: Session, row: QuarantinedRow, standing: RowStanding, by: str, now: datetime) -> None:
    row.standing, row.ended_at, row.ended_by = standing, now, by
    session.add(row)
    write_event(session, f"row_{standing}", actor=by, about=f"feed:{row.association}", at=now, row=str(row.id))


def replay_all(session: Session, numbers: Iterable[int], *, by: str, now: datetime) -> dict[int, list[str]]:
    """Judge rows again; of each, by its number, what is wrong with it still."""
    return {number: replay(session, number, by=by, now=now) for number in numbers}


def drop_all(session: Session, numbers: Iterable[int], *, by: str, now: datetime) -> None:
    """Take rows out of quarantine for good."""
    for number in numbers:
        drop(session, number, by=by, now=now)

"""What a person decides about the night: a feed that was held back, and rows in quarantine.

Nothing is applied here: what is accepted or replayed waits in staging, and the worker takes it over.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.errors import Invalid, TilflytError
from domain.feed_load import LoadKind, LoadStanding
from domain.party import association as association_party
from domain.screening import holds_cpr_number
from domain.vacancy_feed import FIELDS, FeedMode
from domain.vacancy_judging import MUNICIPALITY, judged
from storage.applying import forget
from storage.area_names import area_names, ask_about, not_known
from storage.attention import close_subject
from storage.audit.events import write_event
from storage.beside import Difference, Differing, difference, differing
from storage.columns import id_of
from storage.database import changed, write
from storage.feeds import FeedLoad, held_load
from storage.places import municipality_codes
from storage.quarantine import FORGOTTEN, FieldMapping, QuarantinedRow, RowStanding, mappings_of, meant
from storage.staging import AREA, as_staged, stage, told_plainly

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
    """The feed of an association that waits for a person; `seen` is the load that they had in front of them."""
    load = held_load(session, association)
    if load is None or seen not in (None, load.id):
        raise NothingHeld(f"nothing of {association} is held back")
    return Held(load, difference(session, load), tuple(differing(session, load, most=MOST_DIFFERENCES)))


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
    if changed(session, _STILL_HELD.where(col(FeedLoad.id) == load.id).values(values)) == 0:
        raise NothingHeld(f"nothing of {load.association} is held back any more")
    load.standing, load.decided_by, load.ended_at = standing, by, now
    write_event(session, f"feed_{standing}", actor=by, about=f"feed:{load.association}", at=now, load=str(load.id))
    close_subject(session, f"feed:{load.association}", now=now, by=by)


_STILL_HELD = update(FeedLoad).where(col(FeedLoad.standing) == LoadStanding.HELD)


def in_quarantine(session: Session, association: str | None = None) -> list[QuarantinedRow]:
    """The rows that are kept, oldest first."""
    query = select(QuarantinedRow).where(QuarantinedRow.standing == RowStanding.KEPT)
    if association is not None:
        query = query.where(QuarantinedRow.association == association)
    return list(session.exec(query.order_by(col(QuarantinedRow.id)).limit(MOST_LISTED)))


def kept_row(session: Session, row_id: int, *, of: str | None = None) -> QuarantinedRow:
    """A row that is kept, by its number; of an association, where one is named."""
    row = session.get(QuarantinedRow, row_id)
    if row is None or row.standing is not RowStanding.KEPT or of not in (None, row.association):
        raise NothingHeld(f"no row {row_id} is in quarantine")
    return row


def drop(session: Session, row_id: int, *, by: str, now: datetime, of: str | None = None) -> None:
    """Take a row out of quarantine for good: when the same comes again, nobody is asked."""
    _end(session, kept_row(session, row_id, of=of), RowStanding.DROPPED, by, now)


def dropped(session: Session, association: str, *, most: int = 20) -> list[QuarantinedRow]:
    """The rows that somebody dropped, newest first."""
    query = select(QuarantinedRow).where(
        QuarantinedRow.association == association, QuarantinedRow.standing == RowStanding.DROPPED
    )
    return list(session.exec(query.order_by(col(QuarantinedRow.ended_at).desc()).limit(most)))


def take_back(session: Session, row_id: int, *, of: str, by: str, now: datetime) -> None:
    """Keep a row again that somebody dropped by mistake."""
    row = session.get(QuarantinedRow, row_id)
    if row is None or row.standing is not RowStanding.DROPPED or row.association != of:
        raise NothingHeld(f"no row {row_id} was dropped")
    row.standing, row.ended_at, row.ended_by = RowStanding.KEPT, None, None
    session.add(row)
    write_event(session, "row_taken_back", actor=by, about=f"feed:{of}", at=now, row=str(row_id))


def mappings(session: Session, association: str) -> list[FieldMapping]:
    """What an association's words are read as, by field."""
    query = select(FieldMapping).where(FieldMapping.association == association)
    return list(session.exec(query.order_by(FieldMapping.field, FieldMapping.written)))


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
    write(session, load)
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

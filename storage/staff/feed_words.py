"""Staff say what an association's words mean."""

from datetime import datetime

from sqlmodel import Session, select

from domain.errors import Invalid
from domain.feeds.contract import FIELDS
from domain.subject import About
from domain.text.screening import holds_cpr_number
from storage.audit.events import write_event
from storage.feeds.quarantine import FieldMapping
from storage.feeds.review import NothingHeld


def forget_mapping(session: Session, association: str, mapping_id: int, *, by: str, now: datetime) -> None:
    """From now on, an association's word is read as it stands."""
    mapping = session.get(FieldMapping, mapping_id)
    if mapping is None or mapping.association != association:
        raise NothingHeld(f"no mapping {mapping_id}")
    session.delete(mapping)
    write_event(session, "mapping_forgotten", actor=by, about=About.FEED.of(association), at=now, field=mapping.field)


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
    write_event(session, "mapping_made", actor=by, about=About.FEED.of(association), at=now, field=field)

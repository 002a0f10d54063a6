"""Staff replace a key on purpose: what is set now is the installation's from now on."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import Invalid
from domain.subject import About, Subject
from storage.audit.events import write_event
from storage.vault.key_checks import KeyCheck


def replace_key(session: Session, name: str, value: str, *, by: str, now: datetime) -> bool:
    """Take a key's check value for the right one; False when it is already. `Invalid` when none was remembered."""
    known = session.get(KeyCheck, name)
    if known is None:
        raise Invalid("name", "no such key was used here before: a worker remembers it at its start")
    if known.value == value:
        return False
    known.value, known.since = value, now
    session.add(known)
    write_event(session, "key_replaced", actor=by, about=About.KEY.of(name), at=now)
    return True


def record_rotation(session: Session, key_id: str, count: int, *, by: str, now: datetime) -> None:
    """Write down that the families' keys were sealed anew under a key, and how many."""
    write_event(session, "keys_rotated", actor=by, about=Subject(About.VAULT), at=now, key_id=key_id, keys=str(count))

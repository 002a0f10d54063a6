"""Staff replace a key on purpose: from now on the key that is set is the installation's."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import Invalid
from domain.subject import About, Subject
from storage.audit.events import write_event
from storage.vault.key_checks import KeyCheck


def replace_key(session: Session, name: str, value: str, *, by: str, now: datetime) -> bool:
    """Accept a key's new check value; False when it is unchanged. `Invalid` when none was remembered."""
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
    """Record that the families' keys were sealed anew under a key, and how many."""
    write_event(session, "keys_rotated", actor=by, about=Subject(About.VAULT), at=now, key_id=key_id, keys=str(count))

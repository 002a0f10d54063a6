"""Check of whether the schedules have run on time."""

from datetime import UTC, datetime

from storage.attention import open_items
from storage.installation import opened_database
from storage.operations.schedules import REFUSED, all_schedules
from storage.parties.partners import illegible
from storage.settings import Settings


def schedules(settings: Settings) -> str:
    """Which schedules are late, from our own database, so that it works when no worker runs too."""
    now = datetime.now(UTC)
    with opened_database(settings).reading() as session:
        known, unread = all_schedules(session), illegible(session)
        refused = [f"{item.subject} {item.detail}" for item in open_items(session) if item.code == REFUSED]
    if not known:
        raise LookupError("nothing is set up to run by itself: does the worker run, and does Prefect answer it?")
    late = [f"{one.name} should have run by {one.due_by:%Y-%m-%d %H:%M} UTC" for one in known if one.is_late(now=now)]
    if found := [*late, *refused, *(f"{party} cannot be read: import it anew" for party in unread)]:
        raise LookupError("; ".join(found))
    return f"{len(known)} ran when they should have"

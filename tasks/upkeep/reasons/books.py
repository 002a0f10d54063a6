"""When a posting needs nobody's attention any more."""

from domain.books.bookkeeping.posting_life import ASKED_ABOUT
from storage.books.bookkeeping.states import known_of
from storage.outbox import OutboxRow
from tasks.upkeep.reasons.seen import Seen


def posting_has_moved_on(seen: Seen) -> bool:
    """It was answered, settled or corrected: it is no longer what a person was asked about."""
    row = seen.session.get(OutboxRow, seen.item.about.number)
    known = known_of(seen.session, row) if row else None
    return known is None or ASKED_ABOUT.get(known.state) != seen.item.code

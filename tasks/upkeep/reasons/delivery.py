"""When what was to be told needs nobody's attention any more."""

from sqlmodel import select

from storage.lanes import Lane
from storage.outbox import OutboxRow, OutboxStanding
from tasks.upkeep.reasons.seen import Seen


def was_told(seen: Seen) -> bool:
    """The row waits to be told again, or was told."""
    row = seen.session.get(OutboxRow, seen.item.about.number)
    return row is None or row.standing is not OutboxStanding.REFUSED


def was_posted(seen: Seen) -> bool:
    """The letter was posted, is sent another way, or nobody waits for it."""
    row = seen.session.get(OutboxRow, seen.item.about.number)
    return row is None or row.standing is not OutboxStanding.BY_HAND


def lane_answers(seen: Seen) -> bool:
    """The destination has answered, or nothing waits for it."""
    lane = seen.session.get(Lane, seen.named)
    waits = select(OutboxRow.id).where(OutboxRow.lane == seen.named, OutboxRow.standing == OutboxStanding.WAITING)
    return lane is None or lane.failures == 0 or seen.session.exec(waits.limit(1)).first() is None

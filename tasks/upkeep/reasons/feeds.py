"""When a feed needs nobody's attention any more."""

from sqlmodel import select

from domain.feeds.load import LoadKind, LoadStanding
from domain.parties.party import association
from storage.feeds.feeds import FeedLoad
from storage.parties.partners import partners
from tasks.upkeep.reasons.seen import Seen


def feed_is_gone(seen: Seen) -> bool:
    """A later night was good (the night itself closes it), or the feed no longer exists."""
    return all(
        "vacancy_feed" not in one.systems for one in partners(seen.session) if one.party == association(seen.named)
    )


def night_came_later(seen: Seen) -> bool:
    """A night that began later was applied: it brought what is right."""
    later = select(FeedLoad.id).where(
        FeedLoad.association == seen.named,
        FeedLoad.kind == LoadKind.NIGHT,
        FeedLoad.standing == LoadStanding.APPLIED,
        FeedLoad.started_at > seen.item.opened_at,
    )
    return seen.session.exec(later.limit(1)).first() is not None

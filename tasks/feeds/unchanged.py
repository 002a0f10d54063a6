"""A night on which a feed says that nothing is new: it costs one request, and no row is looked at."""

from domain.feeds.breaker import FeedFacts, FeedTerms, Shape, trips
from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadStanding
from storage.feeds.absence import withdraw_missing
from storage.feeds.feeds import KnownFeed, write_unchanged
from storage.feeds.version_guard import as_it_was, still_good
from tasks.feeds.verdict import Night, supersede_held, tell
from tasks.platform import Platform

NO_SHAPE = Shape(frozenset(), frozenset())


def left_unchanged(platform: Platform, feed: KnownFeed, terms: FeedTerms, flow_run_id: str | None) -> Night:
    """Record that a feed still holds what we know of it."""
    now = platform.now()
    facts = FeedFacts(FeedMode.DELTA, 0, 0, (), 0, 0, 0, NO_SHAPE, None, feed.stamp_since)
    why = [str(trip) for trip in trips(facts, terms, now=now)]
    if not why:
        with platform.database.writing_at_once() as connection:
            if as_it_was(connection, feed, flow_run_id=flow_run_id, now=now):
                return Night(feed.association, LoadStanding.UNCHANGED)
    with platform.database.writing() as session:
        left = still_good(session, feed, now=now)
        if left.held:
            supersede_held(session, feed.association, now)
        vanished = withdraw_missing(session, feed.association, now=now) if left.missing and not why else 0
        write_unchanged(session, feed.association, vanished=vanished, why=why, flow_run_id=flow_run_id, now=now)
        if left.asked or why:
            tell(session, feed.association, why, now)
    return Night(feed.association, LoadStanding.UNCHANGED, vanished=vanished, why=tuple(why))

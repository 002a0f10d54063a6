"""The loads that wait to be taken over: sent by associations, replayed, or accepted by a person."""

from contextlib import suppress

from domain.errors import MovedMeanwhile
from domain.feeds.load import LoadKind, LoadStanding
from storage.columns import id_of
from storage.feeds.comparison import known
from storage.feeds.feeds import FeedLoad, anything_is_ready, feed_of, ready_loads, write_load
from storage.feeds.takeover import apply, forget
from storage.feeds.version_guard import beside_others, take_turn
from tasks.feeds.search_again import search_again
from tasks.feeds.verdict import Night, as_night, remember_applied, tell
from tasks.platform import Platform


def anything_waits(platform: Platform) -> bool:
    """Whether a load waits to be applied."""
    with platform.database.reading() as session:
        return anything_is_ready(session)


def apply_ready(platform: Platform) -> list[Night]:
    """Apply pushed vacancies, replayed rows and accepted loads; oldest first."""
    with platform.database.reading() as session:
        waiting = ready_loads(session)
    nights = []
    for waits in waiting:
        # Another sync has this feed: the load stays ready, and the others do not wait for it.
        with suppress(MovedMeanwhile), platform.database.writing() as session:
            now = platform.now()
            before, is_night = feed_of(session, waits.association), waits.kind is LoadKind.NIGHT
            left = take_turn(session, before) if is_night else beside_others(session, waits.association)
            # Read again within the transaction: another process may have applied it meanwhile.
            load = session.get_one(FeedLoad, waits.id)
            if load.standing is not LoadStanding.READY:
                continue
            if is_night and before.last_good_at and before.last_good_at > load.started_at:
                # A newer night came before the accepted load could be applied.
                load.standing, load.ended_at = LoadStanding.SUPERSEDED, now
                write_load(session, load)
                forget(session, id_of(load))
                continue
            applied = apply(session, load, known(session, load), quarantined=left.kept, now=now)
            remember_applied(session, load, before, applied, now=now)
            if is_night:
                tell(session, load.association, [], now)
            nights.append(as_night(load))
    if any(night.appeared or night.changed for night in nights):
        search_again(platform)
    return nights

"""One association's night: its feed is fetched into staging, judged as a whole, and applied or held back.

No transaction is open while a partner answers, and no vacancy changes before the last row is here.
"""

from collections.abc import Callable
from datetime import timedelta

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from domain.errors import MovedMeanwhile, PartnerUnavailable, TilflytError, Unexpected
from domain.feeds.load import LoadKind, LoadStanding
from domain.ports.vacancy_feed import VacancyFeed
from domain.subject import About
from storage.attention import ask_for_attention
from storage.columns import id_of
from storage.feeds.feeds import FeedLoad, partner_and_feed, write_load
from storage.feeds.takeover import forget, forget_load
from storage.feeds.takeover import forget_abandoned as forget_loads
from tasks.feeds.fetch import Fetching
from tasks.feeds.search_again import search_again
from tasks.feeds.threads import off_the_loop
from tasks.feeds.unchanged import left_unchanged
from tasks.feeds.verdict import Night, as_night
from tasks.platform import Platform

TRIES = 3
# A feed that asks for a longer wait is fetched again the next night.
LONGEST_WAIT = timedelta(minutes=15)


def forget_abandoned(platform: Platform) -> None:
    """Delete what was being fetched when a process died."""
    with platform.database.writing() as session:
        forget_loads(session, now=platform.now())


def _may_come_yet(error: BaseException) -> bool:
    return isinstance(error, PartnerUnavailable) and (error.retry_after_s or 0.0) <= LONGEST_WAIT.total_seconds()


def _wait_as_asked(state: RetryCallState) -> float:
    """A growing, jittered wait, never shorter than the partner's own Retry-After."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, PartnerUnavailable) else None
    return max(wait_random_exponential(multiplier=0.5, max=30)(state), asked or 0.0)


async def sync(
    platform: Platform,
    association: str,
    *,
    flow_run_id: str | None = None,
    dry_run: bool = False,
    rows_seen: Callable[[int], None] | None = None,
) -> Night:
    """One association's night. A silent feed leaves the last good snapshot standing.

    A dry run fetches and judges, says what would change, and changes nothing. `rows_seen` is called with the number of
    rows so far.
    """
    fetching, feed = _prepared(platform, association, flow_run_id, dry=dry_run)
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_may_come_yet),
            wait=_wait_as_asked,
            stop=stop_after_attempt(TRIES),
            reraise=True,
        ):
            with attempt:
                await fetching.read(feed, rows_seen)
        if fetching.head.unchanged:
            # The attempt may have brought rows before it broke off.
            _forget_what_came(fetching)
            if dry_run:
                return Night(association, LoadStanding.UNCHANGED)
            # A short statement without computing: handing it to a thread would cost as much.
            return left_unchanged(platform, fetching.before, fetching.terms, flow_run_id)
        return await off_the_loop(platform, _tried_out if dry_run else _finished, fetching)
    except TilflytError as failure:
        await off_the_loop(platform, _failed, fetching, failure)
        raise
    except Exception as error:
        # A feed's content may break our code in any way: that must not end the others' night, nor reveal the content.
        unexpected = Unexpected.at(error)
        await off_the_loop(platform, _failed, fetching, unexpected)
        raise unexpected from None


def _prepared(
    platform: Platform, association: str, flow_run_id: str | None, *, dry: bool
) -> tuple[Fetching, VacancyFeed]:
    try:
        with platform.database.at_once() as connection:
            known, before, mapped = partner_and_feed(connection, association)
        feed: VacancyFeed = platform.connect("vacancy_feed", known.systems["vacancy_feed"])
        return Fetching(platform, before, known.feed, mapped, flow_run_id, dry=dry), feed
    except TilflytError:
        raise
    except Exception as error:
        # A fault in our data about one association must not end the others' night.
        raise Unexpected.at(error) from None


def _finished(fetching: Fetching) -> Night:
    load = fetching.finish()
    if fetching.awaited and (load.appeared or load.changed):
        search_again(fetching.platform)
    return as_night(load)


def _tried_out(fetching: Fetching) -> Night:
    return as_night(fetching.try_out())


def _forget_what_came(fetching: Fetching) -> None:
    if fetching.load is not None:
        with fetching.platform.database.writing() as session:
            forget_load(session, fetching.load)


def _failed(fetching: Fetching, failure: TilflytError) -> None:
    """Nothing of it is applied; the last good snapshot stands.

    When somebody else's sync counts, or it was only tried out, nobody need look and no trace is left.
    """
    if fetching.dry or isinstance(failure, MovedMeanwhile):
        _forget_what_came(fetching)
        return
    platform, association = fetching.platform, fetching.before.association
    with platform.database.writing() as session:
        now = platform.now()
        # A row that a rolled-back transaction had written does not exist.
        begun = session.get(FeedLoad, fetching.load.id) if fetching.load and fetching.load.id else None
        load = begun or FeedLoad(
            association=association,
            kind=LoadKind.NIGHT,
            standing=LoadStanding.FETCHING,
            started_at=fetching.started_at,
            flow_run_id=fetching.flow_run_id,
        )
        load.standing, load.ended_at, load.why = LoadStanding.FAILED, now, [failure.code]
        write_load(session, load)
        forget(session, id_of(load))
        ask_for_attention(session, About.FEED.of(association), failure.code, now=now, detail=str(failure))

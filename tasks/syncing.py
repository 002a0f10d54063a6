"""One association's night: its feed is fetched into staging, judged as a whole, and applied or held back.

No transaction is open while a partner answers, and nothing that is vacant changes before the last row is here.
"""

import asyncio
from contextlib import aclosing

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from domain import party
from domain.errors import PartnerUnavailable, TilflytError
from domain.ports import VacancyFeed
from storage.applying import forget
from storage.attention import ask_for_attention
from storage.feeds import FeedLoad, LoadKind, LoadStanding, feed_of
from storage.parties import partner, partners
from tasks.applying import Night, judge_and_apply, left_unchanged
from tasks.fetching import Fetching
from tasks.platform import Platform

TRIES = 3


def associations_with_a_feed(platform: Platform) -> list[str]:
    """The ids of the associations whose feed is synced."""
    with platform.database.reading() as session:
        return [known.id for known in partners(session) if "vacancy_feed" in known.systems]


def _wait_as_asked(state: RetryCallState) -> float:
    """Growing and jittered, and never shorter than the partner's own Retry-After."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, PartnerUnavailable) else None
    return max(wait_random_exponential(multiplier=0.5, max=30)(state), asked or 0.0)


async def sync(platform: Platform, association: str, *, flow_run_id: str | None = None) -> Night:
    """One association's night. A silent feed leaves the last good snapshot standing."""
    with platform.database.reading() as session:
        known = partner(session, party.association(association))
        before = feed_of(session, association)
    feed: VacancyFeed = platform.connect("vacancy_feed", known.systems["vacancy_feed"])
    fetching = Fetching(platform, before, known.feed, flow_run_id)
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(PartnerUnavailable),
            wait=_wait_as_asked,
            stop=stop_after_attempt(TRIES),
            reraise=True,
        ):
            with attempt:
                await asyncio.to_thread(fetching.start_over)
                async with aclosing(feed.batches(fetching.mark)) as batches:
                    async for batch in batches:
                        await asyncio.to_thread(fetching.take, batch)
        return await asyncio.to_thread(_ended, fetching)
    except TilflytError as failure:
        await asyncio.to_thread(_failed, fetching, failure)
        raise


def _ended(fetching: Fetching) -> Night:
    if fetching.head.unchanged:
        return left_unchanged(fetching.platform, fetching.before, fetching.terms, fetching.flow_run_id)
    if fetching.load is None:
        raise PartnerUnavailable("the feed told nothing at all")
    return judge_and_apply(
        fetching.platform,
        fetching.load,
        fetching.before,
        fetching.terms,
        seen=fetching.names.shape(),
        mark=fetching.head.mark,
    )


def _failed(fetching: Fetching, failure: TilflytError) -> None:
    """Nothing of it is applied; the last good snapshot stands."""
    platform, association = fetching.platform, fetching.before.association
    with platform.database.writing() as session:
        now = platform.now()
        load = fetching.load or FeedLoad(
            association=association,
            kind=LoadKind.NIGHT,
            standing=LoadStanding.FETCHING,
            started_at=now,
            flow_run_id=fetching.flow_run_id,
        )
        load.standing, load.ended_at, load.why = LoadStanding.FAILED, now, [failure.code]
        session.add(load)
        if load.id is not None:
            forget(session, load.id)
        ask_for_attention(session, f"feed:{association}", failure.code, now=now, detail=str(failure))

"""The deeds as Prefect runs them. Prefect keeps only ids, references and codes of them.

Prefect retries none of them: a referral that stays behind, a lane that is silent and a feed that
does not answer each carry their own growing wait, where a crash cannot lose it.
"""

import asyncio
from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from domain.errors import TilflytError
from tasks.asking import deadlines, returned_mail
from tasks.books import answers, months
from tasks.feeds import night as syncing
from tasks.feeds import ready_loads, synced_feeds
from tasks.feeds.verdict import Night
from tasks.intake import flag_answers, intake
from tasks.path import moves
from tasks.path.legs import LEGS
from tasks.path.moves import Due, LegReport
from tasks.platform import current
from tasks.upkeep import asked_again, consents, retention


async def due_for(leg: str) -> list[Due]:
    """The referrals that a leg should look at now. Looking is not a deed, and gets no task run."""
    platform = current()
    return await asyncio.to_thread(moves.due, platform, LEGS[leg], now=platform.now())


async def anything_is_due() -> bool:
    """Whether a referral is due."""
    return await asyncio.to_thread(moves.anything_is_due, current())


@task(persist_result=False, cache_policy=NO_CACHE)
async def move_some(leg: str, ids: list[int], *, outlook: str) -> LegReport:  # noqa: ARG001  # it names the run
    """Carry some referrals one leg on. `outlook` is what the run is called."""
    return await asyncio.to_thread(moves.move_each, current(), LEGS[leg], ids, flow_run_id=flow_run.get_id())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="intake · {municipality}")
async def take_in(municipality: str) -> intake.IntakeReport:
    """Take in what one municipality's case system has flagged."""
    platform = current()
    try:
        return await intake.take_in(platform, municipality, flow_run_id=flow_run.get_id())
    except TilflytError:
        raise
    except Exception as error:
        raise await asyncio.to_thread(flag_answers.note_unexpected, platform, municipality, error) from None


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="sync · {association}")
async def sync(association: str) -> Night:
    """Sync one association's vacancies."""
    return await syncing.sync(current(), association, flow_run_id=flow_run.get_id())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="loads that were accepted, pushed or replayed")
async def apply_ready() -> list[Night]:
    """Apply the loads that wait in staging."""
    return await asyncio.to_thread(ready_loads.apply_ready, current())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="reminders and deadlines")
async def remind_and_close() -> deadlines.Deadlines:
    """Remind of open questions, and end the waits whose deadline has passed."""
    return await asyncio.to_thread(deadlines.remind_and_close, current(), flow_run_id=flow_run.get_id())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="returned mail")
async def read_returned_mail() -> tuple[str, ...]:
    """Read the mail that came back to our address; returns the cases in which somebody was not reached."""
    return await asyncio.to_thread(returned_mail.read_returned_mail, current(), flow_run_id=flow_run.get_id())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="families' data: kept or shredded")
async def keep_house() -> retention.HouseKept:
    """Mend what a crash left in the vault; warn before families' data must go, and shred data whose time is over."""
    return await asyncio.to_thread(retention.keep_house, current())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="consents that end")
async def follow_consents() -> consents.ConsentsFollowed:
    """Warn of consents that end soon, and stop the cases whose consent has ended."""
    return await asyncio.to_thread(consents.follow_consents, current())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="what still waits for a person")
async def ask_again() -> int:
    """Put on the attention list what still waits for a person and does not stand there."""
    return await asyncio.to_thread(asked_again.ask_again, current())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="the month before")
async def settle_last_month() -> date | None:
    """Settle the month before when its day has come; its last day the first time."""
    return await asyncio.to_thread(months.settle_last_month, current())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="the parties' approval")
async def ask_parties() -> tuple[str, ...]:
    """Ask the parties that were not asked yet about a settled month."""
    return await asyncio.to_thread(months.ask_parties, current(), flow_run_id=flow_run.get_id())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="the parties' answers")
async def hear_parties() -> tuple[str, ...]:
    """Act on the parties' answers on which the worker has not acted."""
    return await asyncio.to_thread(answers.hear_parties, current(), flow_run_id=flow_run.get_id())


async def municipalities_to_poll() -> list[str]:
    """The municipalities whose case system is polled."""
    return intake.municipalities_that_flag(current())


async def forget_abandoned_loads() -> None:
    """Delete what was being fetched when a process died."""
    await asyncio.to_thread(syncing.forget_abandoned, current())


async def feeds_to_sync() -> list[str]:
    """The associations whose feed is synced at night; others have a schedule of their own."""
    return await asyncio.to_thread(synced_feeds.feeds_of_the_night, current())


async def where_homes_lie(associations: list[str]) -> list[str]:
    """The municipalities in which some associations have homes."""
    return await asyncio.to_thread(synced_feeds.where_homes_lie, current(), associations)


def operations_page() -> str:
    """Where staff see how everything stands."""
    return f"{current().public_url}/drift"

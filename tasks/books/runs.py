"""The deeds of the month's settlement as Prefect runs them. Prefect keeps only months, parties and codes of them."""

import asyncio
from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from tasks.books import answers, months
from tasks.platform import current


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

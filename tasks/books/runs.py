"""The deeds of the books as Prefect runs them. Prefect keeps only months, parties, counts and codes of them."""

import asyncio
from datetime import date

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from tasks.books import answers, claims, months, posting_answers, run_files
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


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="claims")
async def ask_about_claims() -> tuple[str, ...]:
    """Put the claims to who answers them that the worker has not put to anybody."""
    return await asyncio.to_thread(claims.ask_about_claims, current(), flow_run_id=flow_run.get_id())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="postings without an answer")
async def follow_postings() -> posting_answers.Heard:
    """Ask finance systems what became of the postings that they took, and a person about those that are overdue."""
    return await posting_answers.ask_for_answers(current())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="runs of postings")
async def write_runs() -> tuple[list[str], list[str]]:
    """Write today's runs to the folder that the settings name; nothing where they name none."""
    platform = current()
    folder = platform.postings_folder
    return ([], []) if folder is None else await asyncio.to_thread(run_files.export_all, platform, folder)

"""The deeds of bookkeeping as Prefect runs them."""

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.books import answers, run_files
from tasks.platform import current


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="postings without an answer")
async def follow_postings() -> answers.Heard:
    """Ask finance systems what became of the postings that they took, and a person about those that are overdue."""
    return await answers.ask_for_answers(current())


@task(persist_result=False, cache_policy=NO_CACHE, task_run_name="runs of postings")
async def write_runs() -> tuple[list[str], list[str]]:
    """Write today's runs to the folder that the settings name; nothing where they name none."""
    platform = current()
    folder = platform.postings_folder
    return ([], []) if folder is None else await asyncio.to_thread(run_files.export_all, platform, folder)

"""Bookkeeping: what became of the postings in the parties' finance systems, and the runs that go there as files."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from tasks.books.runs import follow_postings, write_runs


@flow(name="bookkeeping", persist_result=False, timeout_seconds=30 * 60)
async def mind_the_books() -> State[None]:
    """Ask what became of postings without an answer, ask a person about what is overdue, and write today's runs."""
    heard = await follow_postings()
    written, failed = await write_runs()
    told = f"{sum(heard.answered.values())} postings answered, {heard.overdue} overdue, {len(written)} files written"
    told += f"; not asked: {', '.join(heard.silent)}" if heard.silent else ""
    if failed:
        return Failed(message=f"{told}; not written: {'; '.join(failed)}")
    return Completed(message=told)

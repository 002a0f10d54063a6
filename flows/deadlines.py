"""Deadlines: reminders, the route's own outcome when nobody answers, and claims of which the worker has missed one."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.asking.deadlines import Deadlines
from tasks.books.runs import ask_about_claims, hear_parties
from tasks.runs import remind_and_close


def said(found: Deadlines) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What was done, in staff's words, with the cases that it was done for."""
    return (
        ("deputy asked", found.deputised),
        ("reminded", found.reminded),
        ("chief told", found.escalated),
        ("deadline passed", found.passed),
        ("no answer, a person is asked", found.kept_waiting),
    )


@flow(name="deadlines", persist_result=False, timeout_seconds=30 * 60)
async def mind_deadlines() -> State[None]:
    """Remind of open questions, end the waits whose deadline has passed, and go on with claims."""
    found = await remind_and_close()
    heard, asked = await hear_parties(), await ask_about_claims()
    done = (*said(found), ("an answer was acted on", heard), ("asked about a claim", asked))
    table = [{"case": reference, "what": what} for what, references in done for reference in references]
    if table:
        await acreate_table_artifact(table=table, key="deadlines", description="Reminders and passed deadlines")
    return Completed(message=f"{len(found.reminded)} reminded, {len(found.passed)} deadlines passed")

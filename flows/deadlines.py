"""Deadlines: reminders, and the route's own outcome when nobody answers."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.asking.deadlines import Deadlines
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
    """Remind of open questions and end the waits whose deadline has passed."""
    found = await remind_and_close()
    table = [{"case": reference, "what": what} for what, references in said(found) for reference in references]
    if table:
        await acreate_table_artifact(table=table, key="deadlines", description="Reminders and passed deadlines")
    return Completed(message=f"{len(found.reminded)} reminded, {len(found.passed)} deadlines passed")

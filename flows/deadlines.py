"""Deadlines: reminders, and the route's own outcome when nobody answers."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.runs import remind_and_close


@flow(name="deadlines", persist_result=False)
async def mind_deadlines() -> State[None]:
    """Remind of open questions and end the waits whose deadline has passed."""
    found = await remind_and_close()
    table = [{"case": reference, "what": "reminded"} for reference in found.reminded]
    table += [{"case": reference, "what": "deadline passed"} for reference in found.passed]
    table += [{"case": reference, "what": "no answer, a person is asked"} for reference in found.kept_waiting]
    if table:
        await acreate_table_artifact(table=table, key="deadlines", description="Reminders and passed deadlines")
    return Completed(message=f"{len(found.reminded)} reminded, {len(found.passed)} deadlines passed")

"""Returned mail: letters that could not be delivered, and readers who are away."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.runs import read_returned_mail


@flow(name="returned-mail", persist_result=False, timeout_seconds=15 * 60)
async def mind_returned_mail() -> State[None]:
    """Read the mail that came back, and have somebody told about readers who were not reached."""
    cases = await read_returned_mail()
    return Completed(message=f"{len(cases)} not reached{': ' if cases else ''}{', '.join(cases)}")

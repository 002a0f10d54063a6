"""Intake: what the municipalities' case systems have flagged since the last poll."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.partners import each_partner
from tasks.runs import municipalities_to_poll, take_in


@flow(name="intake", persist_result=False, timeout_seconds=30 * 60)
async def take_in_flagged_families() -> State[None]:
    """Poll every case system; a silent one delays no other."""
    municipalities = await municipalities_to_poll()
    reports, silent = await each_partner(take_in, municipalities)
    taken = sum(len(report.taken_in) for report in reports)
    refused = sum(report.refused for report in reports)
    told = f"{taken} taken in, {refused} refused"
    return Failed(message=f"{told}; silent: {', '.join(silent)}") if silent else Completed(message=told)

"""Flow runs that Prefect shows as running after a kill or a power cut: ended in Prefect, or planned again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import structlog
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled, Crashed

from deployments.worker.scheduled_runs import GRACE, plan_again
from deployments.worker.schedules import AT_ONCE, Scheduled, limit_of
from storage.database import Database
from storage.operations.schedules import turns_kept

AT_WORK = FlowRunFilterState(
    type=FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING])
)
# A run that was cut off twice is not begun a third time: it may be the cause of the worker's end.
MOST_BEGINNINGS = 2
LEFT = "Its process ended without a word: it was killed, or the power was cut."
log = structlog.get_logger()


async def mark_left_behind(client: PrefectClient, database: Database, schedules: Mapping[UUID, Scheduled]) -> None:
    """Mark each run that no worker is carrying out any more; a schedule's run is planned again."""
    of_schedules = FlowRunFilter(state=AT_WORK, deployment_id=FlowRunFilterDeploymentId(any_=list(schedules)))
    found = await client.read_flow_runs(flow_run_filter=of_schedules)
    # Read after the runs, because a worker takes the turn before it starts a run: so the turn of each is seen here.
    with database.reading() as session:
        kept = turns_kept(session, now=datetime.now(UTC))
    for run in found:
        if str(run.id) not in kept:
            await _mark(client, run)
    await _mark_those_at_once(client)


async def _mark(client: PrefectClient, run: FlowRun) -> None:
    # Read again: the run may have ended meanwhile, and its turn is given up after it ends.
    state = (await client.read_flow_run(run.id)).state
    if state is None or state.is_final() or state.is_scheduled():
        return
    log.warning("a scheduled run was left behind", run=run.name)
    if state.is_cancelling():
        await client.set_flow_run_state(run.id, Cancelled(message=LEFT), force=True)
    elif run.run_count < MOST_BEGINNINGS:
        await plan_again(client, run)
    else:
        await client.set_flow_run_state(run.id, Crashed(message=LEFT), force=True)


async def _mark_those_at_once(client: PrefectClient) -> None:
    """Mark the runs that workers start themselves and that have exceeded their limit: no worker carries them out."""
    for flow in AT_ONCE:
        before = datetime.now(UTC) - limit_of(flow) - GRACE
        old = FlowRunFilter(
            state=AT_WORK,
            deployment_id=FlowRunFilterDeploymentId(is_null_=True),
            start_time=FlowRunFilterStartTime(before_=before),
        )
        ours = FlowFilter(name=FlowFilterName(any_=[flow.name]))
        for run in await client.read_flow_runs(flow_filter=ours, flow_run_filter=old):
            await client.set_flow_run_state(run.id, Crashed(message=LEFT), force=True)

"""Flow runs that a kill or a power cut has left as running: each is marked, and a schedule's is planned again."""

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
# A run that was cut off twice is not begun a third time: it may be what cuts the worker off.
MOST_BEGINNINGS = 2
LEFT = "Its process ended without a word: it was killed, or the power was cut."
log = structlog.get_logger()


async def mark_left_behind(client: PrefectClient, database: Database, schedules: Mapping[UUID, Scheduled]) -> None:
    """Mark what nobody is at work on any more."""
    of_schedules = FlowRunFilter(state=AT_WORK, deployment_id=FlowRunFilterDeploymentId(any_=list(schedules)))
    found = await client.read_flow_runs(flow_run_filter=of_schedules)
    # Looked at after them: whoever is at work has had the turn since before.
    with database.reading() as session:
        kept = turns_kept(session, now=datetime.now(UTC))
    for run in found:
        if str(run.id) not in kept:
            await _mark(client, run)
    await _mark_those_at_once(client)


async def _mark(client: PrefectClient, run: FlowRun) -> None:
    # It may have ended while we looked, and a turn is let go of only after that.
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
    """A worker's own runs end within their limit; what has not, nobody is at work on."""
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

"""Starts the runs of every schedule when they are due: at most one run of a schedule at a time, each with a time limit.

A run holds its schedule's turn in our own database. A turn that is not renewed ends by itself, also after a crash.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import UUID

import structlog
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Cancelled, Crashed, Pending
from prefect.states import Scheduled as Planned
from sqlalchemy.exc import SQLAlchemyError

from deployments.worker.prefect_patience import PREFECT_IS_DOWN
from deployments.worker.registration import entrypoint_of, next_due_by
from deployments.worker.schedules import Scheduled
from storage.database import Database
from storage.operations.schedules import TURN_LASTS, end_turn, keep_turns, take_turn

# How long after its limit a run may take to end by itself.
GRACE = timedelta(seconds=30)
STOPPED_WITHIN_S = 5.0
MOST_ALIKE = 4
LOOKS_AT_A_RUN_EVERY_S = 5.0
# The most runs that Prefect returns at once, the earliest first.
A_PAGE = 200
LET_GO = "A later run of the same schedule has come due, and does the work of this one."
ONE_WAITS = "Another run of the same schedule that a person has started waits already."
AGAIN = "The worker that ran it ended before it did; it is planned again."
log = structlog.get_logger()


def planned_at(run: FlowRun) -> datetime:
    """The moment for which a run is planned."""
    return run.next_scheduled_start_time or datetime.now(UTC)


def has_room(one: Scheduled, at_work: Sequence[Scheduled]) -> bool:
    """Whether a run may begin: none of its schedule is running, and few of associations with schedules of their own.

    Without that limit, a hundred associations with the same cron line would be a hundred processes at once.
    """
    if one in at_work:
        return False
    alike = [other for other in at_work if other.flow is one.flow and other.parameters]
    return not one.parameters or len(alike) < MOST_ALIKE


def to_start(due: Iterable[FlowRun]) -> tuple[list[FlowRun], list[FlowRun]]:
    """Of the due runs of one schedule: those to run, in this order, and those to skip.

    First comes the newest run that Prefect has planned, then the earliest that a person has started. All others are
    skipped, so that nobody with access to Prefect's server can delay a night by starting many runs.
    """
    runs = sorted(due, key=planned_at)
    planned, started = [run for run in runs if run.auto_scheduled], [run for run in runs if not run.auto_scheduled]
    return planned[-1:] + started[:1], planned[:-1] + started[1:]


def came_to_its_end(state: State | None) -> bool:
    """Whether a run did its work, also when it then reported a failure such as partners that do not answer."""
    if state is None or state.is_completed():
        return state is not None
    return state.is_failed() and state.name == "Failed" and "encountered an exception" not in (state.message or "")


class ScheduledRuns:
    """The runs that this worker carries out: at most one of each schedule among all workers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._at_work: dict[UUID, asyncio.Task[None]] = {}
        self._runs: dict[UUID, str] = {}

    async def look(self, client: PrefectClient, schedules: Mapping[UUID, Scheduled]) -> None:
        """Start the due runs, and skip the superseded ones. A schedule that is running delays no other."""
        found = await client.get_scheduled_flow_runs_for_deployments(list(schedules), datetime.now(UTC), A_PAGE)
        # When the page is full, planned runs may stand behind it: then no run that a person started goes first.
        is_all = len(found) < A_PAGE
        ready: list[tuple[UUID, FlowRun]] = []
        for deployment in schedules:
            start, let_go = to_start(run for run in found if run.deployment_id == deployment)
            ready += [(deployment, run) for run in start[:1] if is_all or run.auto_scheduled]
            for run in let_go:
                why = LET_GO if run.auto_scheduled else ONE_WAITS
                await client.set_flow_run_state(run.id, Cancelled(name="Skipped", message=why))
        self._at_work = {one: task for one, task in self._at_work.items() if not task.done()}
        for deployment, run in sorted(ready, key=lambda one: (not one[1].auto_scheduled, planned_at(one[1]))):
            if has_room(schedules[deployment], [schedules[one] for one in self._at_work if one in schedules]):
                self._at_work[deployment] = asyncio.create_task(self._run(schedules[deployment], run))

    async def keep_turns(self) -> None:
        """Renew the turns of this worker's runs, so that no other worker starts the same schedules."""
        while True:
            await asyncio.sleep(TURN_LASTS.total_seconds() / 4)
            if self._runs:
                with suppress(SQLAlchemyError):
                    await asyncio.to_thread(self._keep_turns, list(self._runs.values()))

    async def stop(self) -> None:
        """Give the runs a moment to end; those that do not are planned again, for the next worker."""
        tasks = list(self._at_work.values())
        if tasks:
            await asyncio.wait(tasks, timeout=STOPPED_WITHIN_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, one: Scheduled, run: FlowRun) -> None:
        try:
            # A client of its own: `look` gets a new client when Prefect's server is restarted, and the run goes on.
            async with get_client() as client:
                await self._in_turn(client, one, run)
        except (*PREFECT_IS_DOWN, SQLAlchemyError) as error:
            # `mark_left_behind` finds the run later.
            log.warning("a scheduled run was lost sight of", schedule=one.name, error=type(error).__name__)

    async def _in_turn(self, client: PrefectClient, one: Scheduled, run: FlowRun) -> None:
        if not await asyncio.to_thread(self._take_turn, one.name, str(run.id)):
            return
        self._runs[run.id] = str(run.id)
        due_by = None
        try:
            # Another worker may have taken the run before, or a person may have cancelled it.
            if (await client.set_flow_run_state(run.id, Pending())).status is not SetStateStatus.ACCEPT:
                return
            in_time = await self._carry_out(client, one, run)
            ended = await _ended(client, run, one, in_time=in_time)
            # A run with other parameters, such as one association alone, does not count as the schedule's.
            if came_to_its_end(ended) and run.parameters == dict(one.parameters):
                due_by = await next_due_by(one, datetime.now(UTC))
        except asyncio.CancelledError:
            with suppress(*PREFECT_IS_DOWN):
                await plan_again(client, run)
            raise
        finally:
            del self._runs[run.id]
            await asyncio.to_thread(self._end_turn, one.name, str(run.id), due_by)

    async def _carry_out(self, client: PrefectClient, one: Scheduled, run: FlowRun) -> bool:
        """Carry a run out; whether it ended within its limit. It is also ended when a person cancels it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deployments.worker.scheduled_run",
            # The flow is named here and not read from the deployment, which others may have changed in Prefect.
            env={
                **os.environ,
                "PREFECT__FLOW_RUN_ID": str(run.id),
                "PREFECT__FLOW_ENTRYPOINT": entrypoint_of(one),
            },
            stdin=PIPE, start_new_session=True,
        )  # fmt: skip  # an option and its value stand together
        try:
            async with asyncio.timeout((one.limit + GRACE).total_seconds()):
                while not await _waited_for(process):
                    with suppress(*PREFECT_IS_DOWN):
                        state = (await client.read_flow_run(run.id)).state
                        if state is not None and state.is_cancelling():
                            break
        except TimeoutError:
            log.warning("a scheduled run was ended: its time was over", schedule=one.name)
            return False
        else:
            return True
        finally:
            await _end(process)

    def _take_turn(self, name: str, run: str) -> bool:
        with self._database.writing() as session:
            return take_turn(session, name, run, now=datetime.now(UTC))

    def _keep_turns(self, runs: list[str]) -> None:
        with self._database.writing() as session:
            keep_turns(session, runs, now=datetime.now(UTC))

    def _end_turn(self, name: str, run: str, due_by: datetime | None) -> None:
        with self._database.writing() as session:
            end_turn(session, name, run, due_by=due_by, now=datetime.now(UTC))


async def _waited_for(process: Process) -> bool:
    """Whether a process has ended; waits for it at most `LOOKS_AT_A_RUN_EVERY_S`."""
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), LOOKS_AT_A_RUN_EVERY_S)
    return process.returncode is not None


async def _end(process: Process) -> None:
    """End a process: close its standard input, at which it ends itself; else kill it."""
    cast("asyncio.StreamWriter", process.stdin).close()
    if not await _waited_for(process):
        process.kill()
        await process.wait()


async def _ended(client: PrefectClient, run: FlowRun, one: Scheduled, *, in_time: bool) -> State | None:
    """The final state of a run whose process has ended; set here if the process did not set it."""
    state = (await client.read_flow_run(run.id)).state
    if state is None or state.is_final():
        return state
    if state.is_cancelling():
        left: State = Cancelled(message="Called off while it ran.")
    elif in_time:
        left = Crashed(message="Its process ended without a word.")
    else:
        left = Crashed(message=f"It was ended after {one.limit}, its time limit.")
    await client.set_flow_run_state(run.id, left, force=True)
    return left


async def plan_again(client: PrefectClient, run: FlowRun) -> None:
    """Plan a run that was cut off again, unless it has ended by itself."""
    state = (await client.read_flow_run(run.id)).state
    if state is not None and not state.is_final():
        await client.set_flow_run_state(run.id, Planned(message=AGAIN), force=True)

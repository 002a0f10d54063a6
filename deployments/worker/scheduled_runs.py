"""Starts the runs of every schedule when they come due: each schedule has a place of its own, and each run an end.

Who is at work stands in our own database, as a turn that goes by itself when nobody keeps it: a crash holds nothing.
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

# After its limit a run has this long to end by itself.
GRACE = timedelta(seconds=30)
STOPPED_WITHIN_S = 5.0
MOST_ALIKE = 4
LOOKS_AT_A_RUN_EVERY_S = 5.0
# As many as Prefect gives at once; of more it gives those that were planned first.
A_PAGE = 200
LET_GO = "A later run of the same schedule has come due, and does the work of this one."
ONE_WAITS = "Another run of the same schedule that a person has started waits already."
AGAIN = "The worker that ran it ended before it did; it is planned again."
log = structlog.get_logger()


def planned_at(run: FlowRun) -> datetime:
    """When a run is to start."""
    return run.next_scheduled_start_time or datetime.now(UTC)


def has_room(one: Scheduled, at_work: Sequence[Scheduled]) -> bool:
    """Whether a schedule may begin: each has a place of its own, and associations with own ones share a few.

    A hundred associations with the same cron line would be a hundred processes at once.
    """
    if one in at_work:
        return False
    alike = [other for other in at_work if other.flow is one.flow and other.parameters]
    return not one.parameters or len(alike) < MOST_ALIKE


def to_start(due: Iterable[FlowRun]) -> tuple[list[FlowRun], list[FlowRun]]:
    """Of what is due of one schedule: what is to run, first first, and what is let go.

    Of what was planned by itself only the newest runs, and before what a person has started: of that one waits, the
    first, so that whoever reaches Prefect's server cannot put any number of runs before a night.
    """
    runs = sorted(due, key=planned_at)
    planned, started = [run for run in runs if run.auto_scheduled], [run for run in runs if not run.auto_scheduled]
    return planned[-1:] + started[:1], planned[:-1] + started[1:]


def came_to_its_end(state: State | None) -> bool:
    """Whether a run did what it is for, also when it then said that something is wrong: silent partners, for one."""
    if state is None or state.is_completed():
        return state is not None
    return state.is_failed() and state.name == "Failed" and "encountered an exception" not in (state.message or "")


class ScheduledRuns:
    """The runs that this worker has at work: at most one of each schedule among all workers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._at_work: dict[UUID, asyncio.Task[None]] = {}
        self._runs: dict[UUID, str] = {}

    async def look(self, client: PrefectClient, schedules: Mapping[UUID, Scheduled]) -> None:
        """Start what is due, and let go of what is too old. A schedule whose run is at work delays no other."""
        found = await client.get_scheduled_flow_runs_for_deployments(list(schedules), datetime.now(UTC), A_PAGE)
        # What was planned by itself may stand behind a page that is full.
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
        """Say again and again which runs are at work, so that nobody else begins the same."""
        while True:
            await asyncio.sleep(TURN_LASTS.total_seconds() / 4)
            if self._runs:
                with suppress(SQLAlchemyError):
                    await asyncio.to_thread(self._keep_turns, list(self._runs.values()))

    async def stop(self) -> None:
        """Give what is at work a moment to end; what does not is planned again, for the next worker."""
        tasks = list(self._at_work.values())
        if tasks:
            await asyncio.wait(tasks, timeout=STOPPED_WITHIN_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, one: Scheduled, run: FlowRun) -> None:
        try:
            # Its own: whoever looks begins anew when Prefect's server is started anew, and the run goes on.
            async with get_client() as client:
                await self._in_turn(client, one, run)
        except (*PREFECT_IS_DOWN, SQLAlchemyError) as error:
            # What is left of it is found by the next look at what was left behind.
            log.warning("a scheduled run was lost sight of", schedule=one.name, error=type(error).__name__)

    async def _in_turn(self, client: PrefectClient, one: Scheduled, run: FlowRun) -> None:
        if not await asyncio.to_thread(self._take_turn, one.name, str(run.id)):
            return
        self._runs[run.id] = str(run.id)
        due_by = None
        try:
            # Another worker may have been quicker, or a person may have called it off.
            if (await client.set_flow_run_state(run.id, Pending())).status is not SetStateStatus.ACCEPT:
                return
            in_time = await self._carry_out(client, one, run)
            ended = await _ended(client, run, one, in_time=in_time)
            # One that was told something else, such as one association alone, did not do what the schedule is for.
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
        """Whether it ended within its limit. One that a person calls off is ended, and so is one whose time is over."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deployments.worker.scheduled_run",
            # The flow is ours, whatever its deployment says by now: who reaches Prefect's server may change that.
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
    """Whether a process has ended, after a while."""
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), LOOKS_AT_A_RUN_EVERY_S)
    return process.returncode is not None


async def _end(process: Process) -> None:
    """End a process: it ends by itself when nobody holds its input open any more, whatever hangs in it."""
    cast("asyncio.StreamWriter", process.stdin).close()
    if not await _waited_for(process):
        process.kill()
        await process.wait()


async def _ended(client: PrefectClient, run: FlowRun, one: Scheduled, *, in_time: bool) -> State | None:
    """How a run ended whose process has: one that could not say so itself is marked."""
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
    """Have a run that was cut off begin anew, unless it has ended by itself."""
    state = (await client.read_flow_run(run.id)).state
    if state is not None and not state.is_final():
        await client.set_flow_run_state(run.id, Planned(message=AGAIN), force=True)

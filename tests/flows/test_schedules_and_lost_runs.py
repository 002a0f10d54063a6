"""Runs that hang, that somebody tampers with, or that are left behind; on the server of test_schedules.py."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Pending, Running

from deployments.cli.families.looking import attention_list
from deployments.demo.stage import Stage
from deployments.worker import left_behind, scheduled_runs
from deployments.worker.left_behind import mark_left_behind
from deployments.worker.registration import register
from deployments.worker.scheduled_runs import ScheduledRuns
from deployments.worker.schedules import Scheduled, schedules
from flows.referral_path import carry_referrals_forward
from storage.database import Database
from storage.operations.schedules import remember_schedule, take_turn
from storage.settings import load_settings
from tests.flows.hanging import hang, pass_by
from tests.flows.prefect_calls import asked, calling, kept

pytestmark = pytest.mark.xdist_group("schedules")


async def test_a_flow_that_hangs_is_ended_and_costs_no_other_its_turn(
    ours: Stage, sqlite: Database, monkeypatch: pytest.MonkeyPatch
):
    # Shorter than in production, where a run gets half a minute to end by itself.
    monkeypatch.setattr(scheduled_runs, "GRACE", timedelta(seconds=1))
    monkeypatch.setattr(scheduled_runs, "LOOKS_AT_A_RUN_EVERY_S", 0.2)
    two = [Scheduled(flow, "test", "0 0 1 1 *") for flow in (hang, pass_by)]
    async with get_client() as client:
        found = {UUID(str(await scheduled_id(one))): one for one in two}
        with sqlite.writing() as session:
            for one in two:
                remember_schedule(session, one.name, one.cron, due_by=datetime.now(UTC))
        runs = {
            one.name: (await client.create_flow_run_from_deployment(deployment)).id for deployment, one in found.items()
        }
        work = ScheduledRuns(sqlite)
        await work.look(client, found)
        names: dict[str, str] = {}
        while not {"TimedOut", "Crashed"} & set(names.values()) or "Completed" not in names.values():
            names = {name: (await client.read_flow_run(run)).state.name for name, run in runs.items()}
            await asyncio.sleep(0.1)  # other processes do it; nothing tells us when
        await work.stop()
    assert names["passing/test"] == "Completed"
    assert {one.name: one.ended_at is not None for one in kept(sqlite) if one.name in names} == {
        "hanging/test": False,
        "passing/test": True,
    }


async def test_what_somebody_writes_into_a_deployment_is_never_carried_out(
    ours: Stage, sqlite: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Somebody with access to Prefect's server may start runs, but cannot have other code run with our keys."""
    monkeypatch.setattr(scheduled_runs, "LOOKS_AT_A_RUN_EVERY_S", 0.2)
    one, trace = Scheduled(pass_by, "rewritten", "0 0 1 1 *"), tmp_path / "carried-out"
    with sqlite.writing() as session:
        remember_schedule(session, one.name, one.cron, due_by=datetime.now(UTC))
    async with get_client() as client:
        deployment = await scheduled_id(one)
        (tmp_path / "theirs.py").write_text(f"open({str(trace)!r}, 'w')\n")
        step = {"prefect.deployments.steps.run_shell_script": {"script": f"touch {trace}"}}
        theirs = {"pull_steps": [step], "entrypoint": f"{tmp_path / 'theirs.py'}:pass_by"}
        calling(ours, "PATCH", f"deployments/{deployment}", theirs)
        run = (await client.create_flow_run_from_deployment(deployment)).id
        work = ScheduledRuns(sqlite)
        await work.look(client, {deployment: one})
        state = None
        while state is None or not state.is_final():
            await asyncio.sleep(0.1)  # another process does it; nothing tells us when
            state = (await client.read_flow_run(run)).state
        await work.stop()
    assert (state.name, trace.exists()) == ("Completed", False)


async def test_what_a_worker_that_stops_has_at_work_is_planned_again(
    ours: Stage, sqlite: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(scheduled_runs, "STOPPED_WITHIN_S", 0.1)
    one = Scheduled(hang, "stopped", "0 0 1 1 *")
    with sqlite.writing() as session:
        remember_schedule(session, one.name, one.cron, due_by=datetime.now(UTC))
    async with get_client() as client:
        deployment = await scheduled_id(one)
        run = (await client.create_flow_run_from_deployment(deployment)).id
        work = ScheduledRuns(sqlite)
        await work.look(client, {deployment: one})
        begun = ""
        while begun in ("", "Scheduled"):
            begun = (await client.read_flow_run(run)).state.name
            await asyncio.sleep(0.05)  # polled: another task does it
        await work.stop()
        assert (await client.read_flow_run(run)).state.name == "Scheduled"
    assert [known.kept_until for known in kept(sqlite)] == [None]


async def test_runs_that_a_kill_left_as_running_are_marked(
    ours: Stage, sqlite: Database, monkeypatch: pytest.MonkeyPatch
):
    one, at_once = Scheduled(hang, "left", "0 0 1 1 *"), carry_referrals_forward
    with sqlite.writing() as session:
        remember_schedule(session, one.name, one.cron, due_by=datetime.now(UTC))
    async with get_client() as client:
        deployment = await scheduled_id(one)
        at_work, first, often = [(await client.create_flow_run_from_deployment(deployment)).id for _ in range(3)]
        old = (await client.create_flow_run(at_once)).id
        for run in (at_work, first, often, often, old):
            for state in (Pending(), Running()):
                await client.set_flow_run_state(run, state, force=True)
        with sqlite.writing() as session:
            assert take_turn(session, one.name, str(at_work), now=datetime.now(UTC))

        await mark_left_behind(client, sqlite, {deployment: one})
        names = [(await client.read_flow_run(run)).state.name for run in (at_work, first, often, old)]
        # Hours pass.
        monkeypatch.setattr(left_behind, "GRACE", timedelta(hours=-1))
        await mark_left_behind(client, sqlite, {})
        names.append((await client.read_flow_run(old)).state.name)
    assert names == ["Running", "Scheduled", "Crashed", "Running", "Crashed"]


async def scheduled_id(one: Scheduled) -> UUID:
    deployment = await one.flow.ato_deployment(one.deployment, entrypoint_type="module_path")
    return await deployment.aapply()


async def test_what_one_association_has_wrong_stops_no_other(ours: Stage):
    feeds = {
        "havblik": "0 30 4 * * *",
        "kloeverlykken": "0 3 * * 5L",
        "skovbrynet": "5 4 * * 1-5",
        "night": "0 1 * * *",
    }
    wanted = schedules(load_settings(_env_file=None), feeds)
    async with get_client() as client:
        names = {one.name for one in (await register(client, ours.database, wanted)).values()}
        refused = {one["about"] for one in attention_list(ours.database) if one["why"] == "schedule_refused"}
        back = {one.name for one in (await register(client, ours.database, wanted[:7])).values()}
    usual = {"referral-path/net", "intake/poll", "vacancy-sync/night", "housekeeping/every-night", "deadlines/hourly"}
    usual |= {"bookkeeping/every-morning", "settlement/every-morning"}
    assert names == {*usual, "vacancy-sync/skovbrynet"}
    assert refused == {
        "schedule:vacancy-sync/havblik",
        "schedule:vacancy-sync/kloeverlykken",
        "schedule:vacancy-sync/night",
    }
    # A schedule that is no longer wanted is deleted, and its item is closed.
    assert back == usual
    assert {one["name"] for one in asked(ours, "deployments", {})} >= {name.partition("/")[2] for name in usual}
    assert "skovbrynet" not in {one["name"] for one in asked(ours, "deployments", {})}
    assert not [one for one in attention_list(ours.database) if one["why"] == "schedule_refused"]

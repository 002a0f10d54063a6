"""A real Prefect server and the real worker: a scheduled run happens, and its runs can be read by staff.

Nobody waits for the clock: a run that was planned is brought forward.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.server.schemas.schedules import CronSchedule
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from prefect.states import Pending, Running
from sqlalchemy import update
from sqlmodel import select

from deployments.cli.families.looking import attention_list
from deployments.demo.stage import PREFECT, WORKER, Stage, staged
from deployments.demo.world import PUSH_TOKEN, vacancies
from deployments.progress import until
from deployments.worker import left_behind, scheduled_runs
from deployments.worker.cron_lines import COPENHAGEN
from deployments.worker.left_behind import mark_left_behind
from deployments.worker.prefect_login import prefect_api
from deployments.worker.registration import register
from deployments.worker.scheduled_runs import ScheduledRuns, has_room, to_start
from deployments.worker.schedules import AT_ONCE, FLOWS, Scheduled, limit_of, schedules
from domain.referrals.lifecycle import Status
from flows.referral_path import carry_referrals_forward
from flows.vacancy_sync import sync_vacancies
from storage.columns import id_of
from storage.database import Database
from storage.referrals.referrals import Referral, make_due
from storage.schedules import Schedule, all_schedules, remember_schedule, take_turn
from storage.settings import load_settings
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tests.flows.hanging import hang, pass_by
from tests.world.servers.prefect_home import MIGRATED, migrated_home

pytestmark = pytest.mark.xdist_group("schedules")
LOGIN = "staff:secret"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo world in which nobody starts anything; Prefect wants a login."""
    with_login = {"PREFECT_SERVER_API_AUTH_STRING": LOGIN, "PREFECT_API_AUTH_STRING": LOGIN}
    folder = tmp_path_factory.mktemp("schedules")
    migrated_home(folder / "prefect")
    with staged(folder, more_settings=with_login | MIGRATED) as found:
        bring_forward(found, "poll", datetime.now(UTC))
        until(lambda: referrals(found) and ended_runs(found, "intake"))
        yield found


def referrals(stage: Stage) -> list[Referral]:
    with stage.database.reading() as session:
        return list(session.exec(select(Referral)))


def calling(stage: Stage, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    url = f"{stage.prefect_url}/api/{path}"
    answer = httpx.request(method, url, json=body, auth=("staff", "secret"), trust_env=False)
    return answer.raise_for_status().json() if answer.content else None


def asked(stage: Stage, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    return calling(stage, "POST", f"{path}/filter", body)


def ended_runs(stage: Stage, flow: str) -> list[dict[str, Any]]:
    done = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "flows": {"name": {"any_": [flow]}}}
    return asked(stage, "flow_runs", done)


def planned(stage: Stage, deployment: str) -> list[str]:
    """The ids of what Prefect has planned of a deployment."""
    body = {
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "deployments": {"name": {"any_": [deployment]}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    return [run["id"] for run in asked(stage, "flow_runs", body) if run["auto_scheduled"]]


def bring_forward(stage: Stage, deployment: str, *moments: datetime) -> list[str]:
    """Have the next planned runs of a deployment come due at other moments."""
    with_a_server = lambda: planned(stage, deployment) if len(planned(stage, deployment)) >= len(moments) else None  # noqa: E731
    runs = until(with_a_server)[: len(moments)]
    for run, moment in zip(runs, moments, strict=True):
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": moment.isoformat()}}
        calling(stage, "POST", f"flow_runs/{run}/set_state", {"state": state, "force": True})
    return runs


def states(stage: Stage, runs: list[str]) -> list[str]:
    return [calling(stage, "GET", f"flow_runs/{run}")["state_name"] for run in runs]


def test_the_families_are_taken_in_by_a_run_that_nobody_started(stage: Stage):
    assert len(referrals(stage)) == 24
    assert {referral.status for referral in referrals(stage)} == {Status.RECEIVED}
    assert [run["auto_scheduled"] for run in ended_runs(stage, "intake")][:1] == [True]


def test_whoever_has_not_logged_in_reads_and_starts_nothing(stage: Stage):
    api = f"{stage.prefect_url}/api"
    (poll,) = [one for one in asked(stage, "deployments", {}) if one["name"] == "poll"]
    for auth in (None, ("staff", "guessed")):
        read = httpx.post(f"{api}/flow_runs/filter", json={}, auth=auth, trust_env=False)
        start = f"{api}/deployments/{poll['id']}/create_flow_run"
        started = httpx.post(start, json={"state": {"type": "SCHEDULED"}}, auth=auth, trust_env=False)
        assert (read.status_code, started.status_code) == (401, 401)


def test_the_doctor_says_that_the_server_wants_a_login_and_when_ours_is_wrong(stage: Stage):
    api = f"{stage.prefect_url}/api"
    with temporary_settings({PREFECT_API_URL: api, PREFECT_API_AUTH_STRING: LOGIN}):
        assert prefect_api().endswith("answers, with a login")
    for wrong in ({}, {PREFECT_API_AUTH_STRING: "staff:guessed"}):
        with temporary_settings({PREFECT_API_URL: api, **wrong}), pytest.raises(LookupError, match="asks for a login"):
            prefect_api()


def test_every_flow_is_deployed_with_a_schedule_in_copenhagen(stage: Stage):
    deployments = asked(stage, "deployments", {})

    assert {deployment["name"] for deployment in deployments} == {"net", "poll", "night", "every-night", "hourly"}
    for deployment in deployments:
        assert [schedule["schedule"]["timezone"] for schedule in deployment["schedules"]] == ["Europe/Copenhagen"]
        assert not deployment["paused"]
        assert deployment["parameters"] == {}


async def test_no_two_flows_start_in_the_same_minute():
    found = schedules(load_settings(_env_file=None, imap_host="mail.example"), {})
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    starts: list[datetime] = []
    for one in found:
        schedule = CronSchedule(cron=one.cron, timezone=COPENHAGEN)
        starts += await schedule.get_dates(n=1000, start=midnight, end=midnight + timedelta(days=1, minutes=-1))
    assert len(starts) > 500
    assert len(found) == 6
    assert max(Counter(starts).values()) == 1


def test_every_flow_has_a_time_limit():
    assert all(timedelta() < limit_of(flow) <= timedelta(hours=3) for flow in (*FLOWS, *AT_ONCE))


def test_an_association_with_a_schedule_of_its_own_has_a_deployment_of_its_own():
    found = schedules(load_settings(_env_file=None), {"a": None, "b": "5 4 * * 1-5"})
    (own,) = [one for one in found if one.deployment == "b"]
    assert own == Scheduled(sync_vacancies, "b", "5 4 * * 1-5", {"association": "b"})


def test_what_an_association_sends_is_on_the_market_without_anybody_starting_anything(stage: Stage):
    row = vacancies(date(2026, 3, 2))["havblik"][0] | {"external_id": "sent-by-itself"}
    sent = httpx.post(
        f"{stage.desk_url}/api/v1/vacancies",
        json={"format": "vacancy-feed/1", "vacancies": [row]},
        headers={"Authorization": f"Bearer {PUSH_TOKEN}", "Idempotency-Key": "k1"},
        trust_env=False,
    )
    assert sent.json()["good"] == 1, sent.text

    def standing() -> list[VacancyStanding]:
        with stage.database.reading() as session:
            return list(session.exec(select(Vacancy.standing).where(Vacancy.external_id == "sent-by-itself")))

    assert until(standing) == [VacancyStanding.AVAILABLE]


def test_a_run_of_the_path_is_found_by_the_municipality_that_sent(stage: Stage):
    referral = referrals(stage)[0]
    with stage.database.writing() as session:
        make_due(session, id_of(referral), now=referral.received_at - timedelta(minutes=1))
    wanted = {"flow_runs": {"tags": {"all_": [f"municipality:{referral.sending_municipality}"]}}}

    assert len(until(lambda: asked(stage, "flow_runs", wanted))) == 1


@dataclass(frozen=True)
class AfterThePowerCut:
    """A night and a weekend's polls after everything was killed and two workers were started."""

    night: str
    polls: list[str]
    set_up_before: list[tuple[Any, ...]]
    set_up_after: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def power_cut(stage: Stage) -> AfterThePowerCut:
    """Worker and server are killed in a night that hangs; what comes due meanwhile waits for those that come after."""
    stage.order("outage", {"prefix": "/association/havblik", "seconds": 600, "status": "hang"})
    (night,) = bring_forward(stage, "night", datetime.now(UTC))
    until(lambda: states(stage, [night]) == ["Running"])
    stage.processes.kill(WORKER, with_children=True)
    set_up = what_is_set_up(stage)
    before = [datetime.now(UTC) - timedelta(minutes=5 * back) for back in range(8, 0, -1)]
    polls = bring_forward(stage, "poll", *before)
    stage.processes.kill(PREFECT, with_children=True)
    stage.order("outage", {"prefix": "/association/havblik", "seconds": 0})
    stage.processes.start(PREFECT, "-m", "deployments.cli.main", "prefect-server")
    # So much time passes that nobody keeps a turn without a word.
    with stage.database.writing() as session:
        session.connection().execute(update(Schedule).values(kept_until=datetime.now(UTC)))
    stage.processes.wait_for(PREFECT, f"{stage.prefect_url}/api/health")
    stage.start_worker()
    stage.processes.start("another-worker", "-m", "deployments.cli.main", "worker")
    until(lambda: {"Pending", "Running", "Scheduled", "Late"}.isdisjoint(states(stage, [night, *polls])))
    logs = [stage.processes.logs / f"{name}.log" for name in (WORKER, "another-worker")]
    until(lambda: all("serving the schedules" in log.read_text("utf-8") for log in logs))
    found = AfterThePowerCut(night, polls, set_up, what_is_set_up(stage))
    stage.processes.kill("another-worker", with_children=True)
    return found


def what_is_set_up(stage: Stage) -> list[tuple[Any, ...]]:
    """Each deployment with its schedules and the first of the runs that are planned."""
    found = asked(stage, "deployments", {"sort": "NAME_ASC"})
    rest = [one for one in found if one["name"] in ("every-night", "hourly", "night")]
    return [(one["id"], one["schedules"], planned(stage, one["name"])[:1]) for one in rest]


def test_a_power_cut_in_a_night_keeps_nothing_and_the_night_is_begun_anew(stage: Stage, power_cut: AfterThePowerCut):
    assert states(stage, [power_cut.night]) == ["Completed"]
    assert calling(stage, "GET", f"flow_runs/{power_cut.night}")["run_count"] == 2
    at_rest = (power_cut.night, None)
    known = until(lambda: [one for one in kept(stage.database) if (one.flow_run_id, one.kept_until) == at_rest])[0]
    assert known.ended_at is not None
    assert not known.is_late(now=datetime.now(UTC))


def test_what_came_due_while_no_worker_ran_is_let_go(stage: Stage, power_cut: AfterThePowerCut):
    assert states(stage, power_cut.polls) == [*["Skipped"] * 7, "Completed"]
    assert calling(stage, "GET", f"flow_runs/{power_cut.polls[-1]}")["run_count"] == 1


def test_workers_that_start_set_nothing_up_anew(power_cut: AfterThePowerCut):
    assert len(power_cut.set_up_before) == 3
    assert power_cut.set_up_after == power_cut.set_up_before
    assert all(len(schedules) == len(runs) == 1 for _, schedules, runs in power_cut.set_up_after)


def kept(database: Database) -> list[Schedule]:
    with database.reading() as session:
        return all_schedules(session)


@pytest.fixture
def ours(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The stage, with this process as a worker of its own on its Prefect server."""
    for name, value in stage.processes.environment.items():
        if name not in os.environ or name.startswith(("PREFECT_", "TILFLYT_")):
            monkeypatch.setenv(name, value)
    with temporary_settings({PREFECT_API_URL: f"{stage.prefect_url}/api", PREFECT_API_AUTH_STRING: LOGIN}):
        yield stage


async def test_a_flow_that_hangs_is_ended_and_costs_no_other_its_turn(
    ours: Stage, sqlite: Database, monkeypatch: pytest.MonkeyPatch
):
    # In earnest, a minute for what can end by itself.
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
    """Whoever reaches Prefect's server may start runs, and has no code of their own run beside our keys."""
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
            await asyncio.sleep(0.05)  # a task does it beside us
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
        back = {one.name for one in (await register(client, ours.database, wanted[:5])).values()}
    usual = {"referral-path/net", "intake/poll", "vacancy-sync/night", "housekeeping/every-night", "deadlines/hourly"}
    assert names == {*usual, "vacancy-sync/skovbrynet"}
    assert refused == {
        "schedule:vacancy-sync/havblik",
        "schedule:vacancy-sync/kloeverlykken",
        "schedule:vacancy-sync/night",
    }
    # What is asked for no more is taken down, and nobody need look at it.
    assert back == usual
    assert {one["name"] for one in asked(ours, "deployments", {})} >= {name.partition("/")[2] for name in usual}
    assert "skovbrynet" not in {one["name"] for one in asked(ours, "deployments", {})}
    assert not [one for one in attention_list(ours.database) if one["why"] == "schedule_refused"]


def planned_run(minute: int, deployment: int = 1, *, by_itself: bool = True) -> FlowRun:
    """A run that Prefect's server has: planned by itself, or started by a person."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=minute)
    whose = {"flow_id": UUID(int=1), "deployment_id": UUID(int=deployment)}
    return FlowRun(**whose, next_scheduled_start_time=at, auto_scheduled=by_itself)


def test_of_what_is_due_the_newest_is_started_and_one_that_a_person_started_after_it():
    runs = [planned_run(5), planned_run(20, by_itself=False), planned_run(0), planned_run(10)]
    assert to_start(runs) == ([runs[3], runs[1]], [runs[2], runs[0]])
    more = [planned_run(minute, by_itself=False) for minute in range(3)]
    assert to_start([*more, runs[0]]) == ([runs[0], more[0]], more[1:])
    assert to_start([]) == ([], [])


class Server:
    """Prefect's server as far as a look asks it: what waits there, a page of it at a time."""

    def __init__(self, *runs: FlowRun) -> None:
        self.waiting = list(runs)

    async def get_scheduled_flow_runs_for_deployments(self, _ids, _before, limit: int) -> list[FlowRun]:
        return sorted(self.waiting, key=scheduled_runs.planned_at)[:limit]

    async def set_flow_run_state(self, run: UUID, _state) -> None:
        self.waiting = [one for one in self.waiting if one.id != run]


async def test_however_many_runs_a_person_starts_the_nights_own_has_its_turn_first(sqlite, monkeypatch):
    night = next(one for one in schedules(load_settings(_env_file=None), {}) if one.deployment == "night")
    own = {
        UUID(int=number): Scheduled(sync_vacancies, str(number), "0 3 * * *", {"association": str(number)})
        for number in range(2, 8)
    }
    nights = planned_run(600)
    by_hand = [planned_run(minute, by_itself=False) for minute in range(450)]
    feeds = [planned_run(1, number, by_itself=number == 7) for number in range(2, 8)]
    server, runs, begun = Server(*by_hand, nights, *feeds), ScheduledRuns(sqlite), []

    async def run(_self, _one: Scheduled, run: FlowRun) -> None:
        begun.append(run)
        await asyncio.sleep(60)

    monkeypatch.setattr(ScheduledRuns, "_run", run)
    for _ in range(4):
        await runs.look(server, {UUID(int=1): night, **own})  # type: ignore[arg-type]  # as much of a client as it asks
        await asyncio.sleep(0)
    monkeypatch.setattr(scheduled_runs, "STOPPED_WITHIN_S", 0)
    await runs.stop()

    # The night, an association's own, and of the others as many as have room.
    assert begun[:2] == [feeds[5], nights]
    assert begun[2:] == feeds[:3]
    # Of those that a person started the first waits; the others are let go, and said to be.
    assert [one for one in server.waiting if one.deployment_id == UUID(int=1)] == [by_hand[0], nights]


def test_each_flow_has_a_place_of_its_own_and_associations_with_own_schedules_share_a_few():
    usual = schedules(load_settings(_env_file=None), {})
    own = [Scheduled(sync_vacancies, str(number), "0 3 * * *", {"association": str(number)}) for number in range(9)]
    night = next(one for one in usual if one.deployment == "night")
    assert not has_room(night, [night])
    assert all(has_room(one, [*(other for other in usual if other != one), *own]) for one in usual)
    assert has_room(own[3], [night, *own[:3]])
    assert not has_room(own[4], [night, *own[:4]])

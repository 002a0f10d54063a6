"""A real Prefect server and the real worker: a scheduled run happens, and its runs can be read by staff.

No test waits for the clock: a planned run is brought forward.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from sqlalchemy import update
from sqlmodel import select

from deployments.demo.stage import PREFECT, WORKER, Stage
from deployments.demo.world import PUSH_TOKEN, vacancies
from deployments.progress import until
from deployments.worker.prefect_login import prefect_api
from domain.referrals.lifecycle import Status
from storage.columns import id_of
from storage.operations.schedules import Schedule
from storage.referrals.referrals import make_due
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tests.flows.prefect_calls import LOGIN, asked, bring_forward, calling, ended_runs, kept, planned, referrals, states

pytestmark = pytest.mark.xdist_group("schedules")


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

    names = {"net", "poll", "night", "every-night", "every-morning", "hourly"}
    assert {deployment["name"] for deployment in deployments} == names
    for deployment in deployments:
        assert [schedule["schedule"]["timezone"] for schedule in deployment["schedules"]] == ["Europe/Copenhagen"]
        assert not deployment["paused"]
        assert deployment["parameters"] == {}


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


@pytest.fixture(scope="session")  # the power fails once, whichever tests run between
def power_cut(stage: Stage) -> AfterThePowerCut:
    """Kill worker and server during a night that hangs; the runs that come due meanwhile wait for the next workers."""
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
    # So much time passes that every turn that is not renewed ends.
    with stage.database.writing() as session:
        session.connection().execute(update(Schedule).values(kept_until=datetime.now(UTC)))
    stage.processes.wait_for(PREFECT, f"{stage.prefect_url}/api/health")
    stage.start_worker()
    stage.processes.start("another-worker", "-m", "deployments.cli.main", "worker")
    until(lambda: {"Pending", "Running", "Scheduled", "Late"}.isdisjoint(states(stage, [night, *polls])))
    logs = [stage.processes.logs / f"{name}.log" for name in (WORKER, "another-worker")]
    until(lambda: all("serving the schedules" in log.read_text("utf-8") for log in logs))
    # The worker that ran the night records its end after Prefect does, and must not be killed before.
    until(lambda: any((one.flow_run_id, one.kept_until) == (night, None) for one in kept(stage.database)))
    found = AfterThePowerCut(night, polls, set_up, what_is_set_up(stage))
    stage.processes.kill("another-worker", with_children=True)
    return found


def what_is_set_up(stage: Stage) -> list[tuple[Any, ...]]:
    """Each deployment with its schedules and its first planned runs."""
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

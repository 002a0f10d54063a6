"""A real Prefect server and the real worker: a scheduled run happens, and its runs can be read by staff."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from cronsim import CronSim
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from sqlmodel import select

from deployments.demo.stage import Stage, staged
from deployments.demo.world import PUSH_TOKEN, vacancies
from deployments.prefect_login import prefect_api
from deployments.schedules import schedules
from domain.lifecycle import Status
from flows.vacancy_sync import sync_vacancies
from storage.referrals import Referral, make_due
from storage.settings import load_settings
from storage.vacancies import Vacancy, VacancyStanding
from tests.prefect_home import migrated_home

pytestmark = [pytest.mark.xdist_group("schedules"), pytest.mark.timeout(240)]
SEEN_WITHIN_S = 110.0
LOGIN = "staff:secret"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo world in which nobody starts anything: case systems are asked every minute; Prefect wants a login."""
    with_login = {"PREFECT_SERVER_API_AUTH_STRING": LOGIN, "PREFECT_API_AUTH_STRING": LOGIN}
    settings = {"TILFLYT_INTAKE_EVERY_MINUTES": "1", **with_login}
    folder = tmp_path_factory.mktemp("schedules")
    migrated_home(folder / "prefect")
    with staged(folder, more_settings=settings) as found:
        end = time.monotonic() + SEEN_WITHIN_S
        while time.monotonic() < end and not (referrals(found) and ended_runs(found, "intake")):
            time.sleep(0.5)  # A schedule is what is waited for.
        yield found


def referrals(stage: Stage) -> list[Referral]:
    with stage.database.reading() as session:
        return list(session.exec(select(Referral)))


def asked(stage: Stage, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = httpx.post(f"{stage.prefect_url}/api/{path}/filter", json=body, auth=("staff", "secret"), trust_env=False)
    return answer.raise_for_status().json()


def ended_runs(stage: Stage, flow: str) -> list[dict[str, Any]]:
    done = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "flows": {"name": {"any_": [flow]}}}
    return asked(stage, "flow_runs", done)


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


def test_no_two_flows_start_in_the_same_minute():
    found = schedules(load_settings(_env_file=None, imap_host="mail.example"), {})
    day = [datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=minute) for minute in range(24 * 60)]
    starts = Counter(at for _, _, cron in found for at in day if next(CronSim(cron, at - timedelta(minutes=1))) == at)
    assert len(found) == 6
    assert max(starts.values()) == 1


def test_an_association_with_a_schedule_of_its_own_has_a_deployment_of_its_own():
    (own,) = [one for one in schedules(load_settings(_env_file=None), {"a": None, "b": "5 4 * * 1-5"}) if one[1] == "b"]
    assert own == (sync_vacancies, "b", "5 4 * * 1-5")


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

    end = time.monotonic() + SEEN_WITHIN_S
    while not standing() and time.monotonic() < end:
        time.sleep(0.1)  # The worker looks every few seconds; there is nothing to wait on.
    assert standing() == [VacancyStanding.AVAILABLE]


def test_a_run_of_the_path_is_found_by_the_municipality_that_sent(stage: Stage):
    referral = referrals(stage)[0]
    with stage.database.writing() as session:
        make_due(session, referral.id or 0, now=referral.received_at - timedelta(minutes=1))
    wanted = {"flow_runs": {"tags": {"all_": [f"municipality:{referral.sending_municipality}"]}}}

    end = time.monotonic() + SEEN_WITHIN_S
    while not (found := asked(stage, "flow_runs", wanted)) and time.monotonic() < end:
        time.sleep(0.1)  # The worker looks every few seconds; there is nothing to wait on.

    assert len(found) == 1

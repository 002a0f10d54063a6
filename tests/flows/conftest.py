"""One real Prefect server with its worker for all tests of the schedules: they are one group, in one process."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from deployments.demo.stage import Stage, staged
from deployments.progress import until
from tests.flows.prefect_calls import LOGIN, asked, bring_forward, calling, ended_runs, referrals
from tests.world.servers.prefect_home import MIGRATED, migrated_home


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo world without its story; Prefect needs a login."""
    with_login = {"PREFECT_SERVER_API_AUTH_STRING": LOGIN, "PREFECT_API_AUTH_STRING": LOGIN}
    folder = tmp_path_factory.mktemp("schedules")
    migrated_home(folder / "prefect")
    with staged(folder, more_settings=with_login | MIGRATED) as found:
        bring_forward(found, "poll", datetime.now(UTC))
        until(lambda: referrals(found) and ended_runs(found, "intake"))
        yield found


@pytest.fixture
def ours(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The stage, with this process as another worker on its Prefect server; what a test deploys goes with it."""
    for name, value in stage.processes.environment.items():
        if name not in os.environ or name.startswith(("PREFECT_", "TILFLYT_")):
            monkeypatch.setenv(name, value)
    with temporary_settings({PREFECT_API_URL: f"{stage.prefect_url}/api", PREFECT_API_AUTH_STRING: LOGIN}):
        before = {one["id"] for one in asked(stage, "deployments", {})}
        yield stage
        for made in {one["id"] for one in asked(stage, "deployments", {})} - before:
            calling(stage, "DELETE", f"deployments/{made}")

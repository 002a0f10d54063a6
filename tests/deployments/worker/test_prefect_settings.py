"""Our values for Prefect's settings are set before Prefect reads them, and only where no others are set."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from deployments.worker.prefect_settings import THROUGH_REDIS, TUNED, tune_prefect

ROOT = Path(__file__).parents[3]
# Starts Prefect's server as usual, except that it does not serve.
TELLS_ITS_SETTINGS = """
import json, sys
from deployments.cli import main as cli
from deployments.worker import prefect_server
def serve():
    from prefect.settings import get_current_settings
    chosen = get_current_settings()
    services, events = chosen.server.services, chosen.server.events
    print(json.dumps({
        "api": chosen.api.url,
        "analytics": chosen.server.analytics_enabled,
        "database": chosen.server.database.connection_url.get_secret_value(),
        "events kept": services.event_persister.enabled,
        "pauses": services.pause_expirations.enabled,
        "cleared": sorted(services.db_vacuum.enabled_vacuum_types),
        "cleared after": services.db_vacuum.retention_period.days,
        "batch": services.task_run_recorder.batch_size,
        "broker": events.messaging_broker,
        "leases": chosen.server.concurrency.lease_storage,
        "log": chosen.logging.level,
    }))
prefect_server.serve = serve
sys.argv = ["tilflyt", "prefect-server"]
cli.main()
"""


def settings_with(folder: Path, *lines: str) -> dict[str, object]:
    (folder / ".env").write_text("\n".join(lines), "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "DO_NOT"))}
    told = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", TELLS_ITS_SETTINGS],
        cwd=folder,
        env={**environment, "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def test_the_server_of_an_installation_tells_nobody_keeps_no_events_and_clears_its_runs(tmp_path: Path):
    database = "postgresql+asyncpg://prefect:secret@db.example/prefect"
    found = settings_with(
        tmp_path,
        "PREFECT_API_URL=http://127.0.0.1:4200/api",
        f"PREFECT_SERVER_DATABASE_CONNECTION_URL={database}",
        "PREFECT_REDIS_MESSAGING_URL=redis://redis.example:6379/0",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD=864000",
    )
    assert found == {
        "api": "http://127.0.0.1:4200/api",
        "analytics": False,
        "database": database,
        "events kept": False,
        "pauses": False,
        "cleared": ["flow_runs", "orphans"],
        # The value that was set, and not ours.
        "cleared after": 10,
        "batch": 200,
        "broker": "prefect_redis.messaging",
        "leases": "prefect_redis.lease_storage",
        "log": "WARNING",
    }


@pytest.mark.parametrize("theirs", ["", "INFO"])
def test_what_is_empty_is_not_chosen_and_what_is_chosen_stays(theirs: str):
    environment = {"PREFECT_LOGGING_LEVEL": theirs, "PREFECT_SERVER_DATABASE_CONNECTION_URL": ""}
    tune_prefect(environment)
    assert environment["PREFECT_LOGGING_LEVEL"] == (theirs or TUNED["PREFECT_LOGGING_LEVEL"])
    assert environment["DO_NOT_TRACK"] == "1"
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" not in environment
    assert "PREFECT_MESSAGING_BROKER" not in environment


@pytest.mark.parametrize("module", sorted(set(THROUGH_REDIS.values())))
def test_what_several_servers_share_redis_with_is_there(module: str):
    assert find_spec(module) is not None

"""Our values for Prefect's settings, where none are set. Set before Prefect is imported, because it reads them then.

This module does not import Prefect.
"""

import os
import re
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

import certifi

QUIET = {
    # No usage statistics are sent to anybody.
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
TUNED = {
    # Done one at a time, these two take a third of the server's processor time.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    # Events are not stored: nobody reads them, and the runs hold the same facts. They would be most of what the server
    # writes, and in SQLite a request that meets such a write fails and is tried again two seconds later.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    # We have no automations, which alone are triggered by events, and no work pools, after which the other two look.
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": "false",
    # None of our flows pauses. The database must not grow for ever: a run is kept for 90 days.
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "7776000",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}
REDIS = "PREFECT_REDIS_MESSAGING_URL"
# What several servers behind one address must share, according to Prefect's guide.
THROUGH_REDIS = {
    "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
}


def tune_prefect(environment: MutableMapping[str, str] = os.environ) -> None:
    """Put our settings into the environment where it has none; an empty one counts as none."""
    chosen = {**QUIET, **TUNED}
    if redis := environment.get(REDIS):
        chosen |= {**THROUGH_REDIS, "PREFECT_SERVER_DOCKET_URL": redis}
    for name, value in chosen.items():
        if not environment.get(name):
            environment[name] = value
    # Prefect would take an empty value for an address.
    for name in [name for name, value in environment.items() if name.startswith("PREFECT_") and not value]:
        del environment[name]
    if environment.get("PREFECT_API_URL", "").startswith("http:") and "PREFECT_API_SSL_CERT_FILE" not in environment:
        with suppress(OSError):
            home = Path(environment.get("PREFECT_HOME", "~/.prefect")).expanduser()
            environment["PREFECT_API_SSL_CERT_FILE"] = str(one_certificate(home))


def prefect_environment(home: str, port: int) -> dict[str, str]:
    """The environment of a Prefect server on loopback, and of the processes that call it."""
    return {
        "PREFECT_HOME": home,
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_UI_API_URL": f"http://127.0.0.1:{port}/api",
        **QUIET,
        **TUNED,
        "PREFECT_API_SSL_CERT_FILE": str(one_certificate(Path(home))),
    }


def one_certificate(folder: Path) -> Path:
    """A file with only the first of the trusted certificate authorities.

    Prefect loads all of them for each of its many clients, which takes 16 ms of processor time, also for plain HTTP on
    loopback, where none is used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "one-certificate.pem"
    if file.exists():
        return file
    found = re.search(r"-----BEGIN.*?-----END CERTIFICATE-----", Path(certifi.where()).read_text("ascii"), re.DOTALL)
    # Written to another name and then renamed, because another process may be reading the file.
    beside = folder / f"one-certificate.{os.getpid()}"
    beside.write_text(found.group() if found else "", "ascii")
    return beside.replace(file)

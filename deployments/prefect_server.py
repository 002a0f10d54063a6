"""The settings with which a Prefect server of ours runs, and why."""

import re
from pathlib import Path

import certifi


def prefect_environment(home: str, port: int) -> dict[str, str]:
    """The environment of a Prefect server on loopback, and of whoever talks to it."""
    return {
        "PREFECT_HOME": home,
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_UI_API_URL": f"http://127.0.0.1:{port}/api",
        # Nobody outside learns that or how we run.
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # One at a time, these two are a third of the server's work.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        # Nobody reads the feed of events; what they tell stands in the runs. Kept, they are most of what the server
        # writes, and a request that meets such a write in SQLite is refused and tried again two seconds later.
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
        # Nothing of ours pauses, and what is kept must not grow for ever.
        "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "flow_runs",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_API_SSL_CERT_FILE": str(one_certificate(Path(home))),
    }


def one_certificate(folder: Path) -> Path:
    """A file with the first of the world's trusted certificates.

    Prefect loads all of them, 16 ms of processor time, for each of its many clients, also when it speaks plain HTTP
    on loopback and none is looked at.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "one-certificate.pem"
    found = re.search(r"-----BEGIN.*?-----END CERTIFICATE-----", Path(certifi.where()).read_text("ascii"), re.DOTALL)
    file.write_text(found.group() if found else "", "ascii")
    return file

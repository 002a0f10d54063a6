"""A Prefect server's folder with a migrated database, to be copied: migrating takes five seconds of processor time.

It is made once on this machine for each version of Prefect, and kept in `var`. That a server migrates an empty database
by itself is tested with `tilflyt demo` (tests/deployments/demo/test_demo.py).
"""

import fcntl
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from deployments.worker.prefect_settings import prefect_environment

# At its start the server then neither migrates nor registers blocks, which we do not use: half a second less.
MIGRATED = {
    "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
}
KEPT = Path(__file__).parents[3] / "var" / f"prefect-{version('prefect')}"


def migrated_home(folder: Path) -> Path:
    """Make the folder a migrated Prefect server's own."""
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.with_name(f"{KEPT.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process of the test run makes it, and the others wait
        if not KEPT.exists():
            _make()
    return shutil.copytree(KEPT, folder, dirs_exist_ok=True)


def _make() -> None:
    making = KEPT.with_name(f"{KEPT.name}-{os.getpid()}")
    environment = os.environ | prefect_environment(str(making), 0)
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    assert done.returncode == 0, done.stdout + done.stderr
    making.rename(KEPT)

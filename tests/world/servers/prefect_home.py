"""A Prefect server's folder with its database migrated: that takes five seconds of processor time, copying it none.

It is made once for every test run on this machine and kept in `var`, by Prefect's version. That a server migrates an
empty database by itself is seen where `tilflyt demo` is played (tests/deployments/demo/test_demo.py).
"""

import fcntl
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from deployments.worker.prefect_settings import prefect_environment

# What its server then need not look at when it starts: half a second of processor time. Blocks are nothing of ours.
MIGRATED = {
    "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
}
KEPT = Path(__file__).parents[3] / "var" / f"prefect-{version('prefect')}"


def migrated_home(folder: Path) -> Path:
    """Make the folder a migrated Prefect server's own."""
    KEPT.parent.mkdir(exist_ok=True)
    with KEPT.with_name(f"{KEPT.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of the processes of a test run one makes it, and the others wait
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

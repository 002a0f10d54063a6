"""The deliverer as a process: it delivers, ends only with its worker, and is started again when it is killed."""

import base64
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.progress import until
from deployments.worker.deliverer import DELIVERER, delivering
from storage.database import Database
from storage.lanes import Lane
from tests.world.families import family
from tests.world.new_world import KEY, keys_in, world_on


@pytest.fixture
def waiting_letter(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database in which a letter waits, for a mail server that does not answer."""
    world_on(database, tmp_path).flag(family())
    key = base64.b64encode(KEY).decode()
    for name, value in {
        "TILFLYT_WORLD": "demo",
        "TILFLYT_DATABASE_URL": database_url,
        "TILFLYT_KEYS_URL": keys_in(tmp_path),
        "TILFLYT_SMTP_HOST": "127.0.0.1",
        "TILFLYT_SMTP_PORT": "1",
        "TILFLYT_LINK_KEY": key,
        "TILFLYT_PSEUDONYM_KEY": key,
        "TILFLYT_VAULT_KEY": key,
    }.items():
        monkeypatch.setenv(name, value)
    return database


def has_tried_to_deliver(database: Database) -> bool:
    with database.reading() as session:
        lane = session.exec(select(Lane).where(Lane.name == "mail")).one()
        return lane.failures > 0


def test_it_delivers_until_its_worker_ends_and_no_signal_stops_it(waiting_letter: Database):
    with subprocess.Popen([sys.executable, "-m", DELIVERER], stdin=subprocess.PIPE) as process:  # noqa: S603  # our own program
        until(lambda: has_tried_to_deliver(waiting_letter))
        for number in (signal.SIGTERM, signal.SIGINT):
            process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
    assert process.returncode == 0


def test_one_that_dies_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "short_lived.py").write_text("import os; open(os.environ['SEEN'], 'a').write('x')", "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    seen = tmp_path / "seen"
    monkeypatch.setenv("SEEN", str(seen))
    stopping = threading.Event()

    with delivering(stopping, "short_lived"):
        until(lambda: seen.exists() and len(seen.read_text("utf-8")) > 1)
        stopping.set()
    assert "deliverer" not in {thread.name for thread in threading.enumerate()}

"""Runs the command line on a world: what it prints, and its exit code."""

import base64
import os
import re
import sys
from pathlib import Path

import pytest

from deployments.cli.main import main
from deployments.demo import world as demo
from deployments.used_settings import BEGINS
from storage.clock import DemoClock
from storage.database import Database
from storage.settings import settings
from tasks.platform import current
from tests.world.new_world import KEY
from tests.world.world import World


def demo_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the demo partners' tokens in the environment, unless the test has."""
    partners = (demo.HERE / "partners.toml").read_text(encoding="utf-8")
    for name in re.findall(r"DEMO_SECRET_\w+", partners):
        monkeypatch.setenv(name, os.environ.get(name, "a-token"))


class CommandLine:
    """Runs commands in a folder of their own, on a world's database, keys and clock."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, folder: Path):
        self.world, self.monkeypatch, self.capsys, self.folder = world, monkeypatch, capsys, folder
        # A folder without a developer's `.env`.
        monkeypatch.chdir(folder)
        monkeypatch.setattr(DemoClock, "now", lambda _: world.clock.now())
        world.platform.vault.keys.make()
        self.opened: list[Database] = []
        open_database = Database.__init__

        def remembered(database: Database, url: str) -> None:
            open_database(database, url)
            self.opened.append(database)

        monkeypatch.setattr(Database, "__init__", remembered)
        for name, value in {
            "WORLD": "demo",
            "DATABASE_URL": world.platform.database.engine.url.render_as_string(hide_password=False),
            "KEYS_URL": world.platform.vault.keys.url,
            "LINK_KEY": base64.b64encode(KEY).decode(),
            "PSEUDONYM_KEY": base64.b64encode(KEY[::-1]).decode(),
            "VAULT_KEY": base64.b64encode(KEY).decode(),
            "DEMO_CLOCK_FILE": str(folder / "clock"),
        }.items():
            monkeypatch.setenv(f"TILFLYT_{name}", value)
        demo_secrets(monkeypatch)

    def __call__(self, *words: str, code: int = 0) -> str:
        """Run a command, which must end with this exit code; returns its output without line ends."""
        settings.cache_clear()
        current.cache_clear()
        self.monkeypatch.setattr(sys, "argv", ["tilflyt", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        while self.opened:
            self.opened.pop().close()
        settings.cache_clear()
        current.cache_clear()
        lines = "".join(self.capsys.readouterr()).splitlines()
        # Without the line that says that the databases are the environment's, which comes before every output.
        told = " ".join(" ".join(line for line in lines if not line.startswith(BEGINS)).split())
        assert (ended.value.code or 0) == code, told
        assert "Traceback" not in told
        return told

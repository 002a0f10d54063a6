"""The demo uses no settings of an installation, and does not run beside one."""

from pathlib import Path

import pytest

from deployments.demo.apart import stand_apart
from tests.world.commands import CommandLine
from tests.world.world import World


@pytest.fixture
def tilflyt(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path: Path
) -> CommandLine:
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize("command", ["demo", "up"])
@pytest.mark.parametrize(
    "line",
    [
        "TILFLYT_DATABASE_URL=postgresql+psycopg://x@db/tilflyt",
        "export TILFLYT_WORLD='production'",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL=postgresql+asyncpg://x@db/prefect",
    ],
)
def test_in_an_installations_folder_nothing_begins(command: str, line: str, tilflyt: CommandLine, tmp_path: Path):
    before = {*tmp_path.iterdir()}
    (tmp_path / ".env").write_text(f"{line}\n", "utf-8")

    told = tilflyt(command, code=1)

    assert "beside_production" in told
    assert ".env has an installation's settings. The demo does not run beside it" in told
    assert {*tmp_path.iterdir()} == {*before, tmp_path / ".env"}


def test_in_a_shell_with_an_installations_settings_nothing_begins(
    tilflyt: CommandLine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TILFLYT_WORLD", "production")
    assert "the environment has an installation's settings" in tilflyt("demo", code=1)


def test_what_another_demo_left_in_the_shell_is_forgotten(tmp_path: Path):
    environment = {"TILFLYT_WORLD": "demo", "TILFLYT_IMAP_HOST": "x", "PREFECT_API_URL": "x", "PATH": "/bin"}
    stand_apart(environment, tmp_path)
    assert environment == {"PATH": "/bin"}

"""A command prints which settings and databases it uses when they are not the usual ones, without passwords."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.cli.main import main
from deployments.used_settings import BEGINS, unusual
from storage.settings import load_settings, settings
from tests.world.commands import CommandLine
from tests.world.world import World

DATABASES = {
    "DATABASE_URL": "postgresql+psycopg://us:very%40secret@db.invalid:5433/tilflyt",
    "KEYS_URL": "sqlite:///var/keys.sqlite",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's folder, with the `.env` of an installation."""
    (tmp_path / ".env").write_text("".join(f"TILFLYT_{name}={value}\n" for name, value in DATABASES.items()))
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_in_the_programs_own_folder_nothing_is_said(folder: Path):
    assert unusual(load_settings()) is None


def test_elsewhere_and_beside_it_the_databases_are_named_without_their_password(folder: Path, monkeypatch):
    monkeypatch.setenv("TILFLYT_KEYS_URL", "sqlite:////elsewhere/keys.sqlite")
    assert unusual(load_settings()) == (
        f"{BEGINS}{folder}/.env; production; database tilflyt at db.invalid:5433, keys /elsewhere/keys.sqlite "
        "(not as that file says)."
    )

    (folder / "other").mkdir()
    (folder / ".env").rename(folder / "other" / ".env")
    monkeypatch.chdir(folder / "other")
    monkeypatch.delenv("TILFLYT_KEYS_URL")
    told = unusual(load_settings())
    assert told is not None
    assert told.startswith(f"{BEGINS}{folder}/other/.env; production; database tilflyt at db.invalid:5433, keys ")
    assert "secret" not in told


def test_a_command_says_so_on_stderr_alone(sqlite_world: World, monkeypatch, capsys, tmp_path):
    CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)
    settings.cache_clear()
    monkeypatch.setattr(sys, "argv", ["tilflyt", "attention", "--json"])

    with pytest.raises(SystemExit):
        main()

    told = capsys.readouterr()
    assert told.out.strip() == "[]"
    assert told.err.startswith(f"{BEGINS}the environment alone, for there is no {tmp_path}/.env; demo; database ")


def test_what_windows_editors_put_before_the_first_setting_hides_it_not(folder: Path):
    file = folder / ".env"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    assert load_settings().database_url == DATABASES["DATABASE_URL"]
    assert unusual(load_settings()) is None


def test_the_doctor_says_which_setting_was_most_likely_meant(sqlite_world: World, monkeypatch, capsys, tmp_path):
    tilflyt = CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)
    monkeypatch.setenv("TILFLYT_SMTP_HOTS", "mail.invalid")

    found = {one["check"]: one for one in json.loads(tilflyt("doctor", "--json", code=1))}
    assert found["settings"]["seen"] == "TILFLYT_SMTP_HOTS is no setting: did you mean TILFLYT_SMTP_HOST?"


def test_settings_of_prefect_that_cannot_be_used_are_one_sentence(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "deployments.cli.main", "prefect-server"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "PREFECT_LOGGING_LEVEL": "LOUD"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    # Prefect prints a warning first.
    assert "\nwrong_settings: LoggingSettings level: Input should be 'DEBUG'" in done.stderr
    assert "Traceback" not in done.stderr

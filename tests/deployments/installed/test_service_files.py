"""systemd's units, the rotation of logs and the steps of an upgrade, as far as they can be tested without systemd."""

import os
import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DEPLOYMENTS = ROOT / "deployments"
SERVICES = sorted((DEPLOYMENTS / "systemd").glob("*.service"))
# The exposure level of `systemd-analyze security`, from 0 to 10; a unit without restrictions has 9.6.
EXPOSED_AT_MOST = 2.0
INSTALLED = "/opt/tilflyt/venv/bin/tilflyt"


def stub(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def unit(path: Path) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment]  # systemd's names have capitals
    read.read(path)
    return read


def test_each_process_has_a_unit_that_starts_the_installed_command():
    started = {path.stem: unit(path)["Service"]["ExecStart"] for path in SERVICES}
    assert started == {
        "tilflyt-prefect": f"{INSTALLED} prefect-server",
        "tilflyt-worker": f"{INSTALLED} worker",
        "tilflyt-serve": f"{INSTALLED} serve",
    }
    target = unit(DEPLOYMENTS / "systemd" / "tilflyt.target")
    assert set(target["Unit"]["Wants"].split()) == {path.name for path in SERVICES}
    # Root owns the code, so Prefect's server cannot write its pages' files beside it.
    written = "PREFECT_SERVER_UI_STATIC_DIRECTORY=/var/lib/tilflyt/"
    assert written in (DEPLOYMENTS / "systemd" / "tilflyt-prefect.service").read_text()
    common = unit(DEPLOYMENTS / "systemd" / "tilflyt-.service.d" / "50-common.conf")
    assert (common["Service"]["UMask"], common["Service"]["Restart"]) == ("0077", "on-failure")


def test_systemd_reads_the_units_without_a_word_and_finds_little_exposed(tmp_path: Path):
    if (analyze := shutil.which("systemd-analyze")) is None:
        pytest.skip("no systemd-analyze here: the units were only read by us")
    shutil.copytree(DEPLOYMENTS / "systemd", tmp_path / "etc/systemd/system")
    for target in ("sysinit", "basic", "shutdown", "network-online", "multi-user"):
        (tmp_path / f"etc/systemd/system/{target}.target").write_text("[Unit]\n")
    stub(tmp_path / INSTALLED[1:], "")
    units = [f"/etc/systemd/system/{path.name}" for path in [*SERVICES, DEPLOYMENTS / "systemd/tilflyt.target"]]
    asked = [analyze, "verify", f"--root={tmp_path}", "--man=no", *units]
    read = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    assert (read.returncode, read.stderr) == (0, "")
    asked = [analyze, "security", f"--root={tmp_path}", "--offline=true", *(path.name for path in SERVICES)]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    levels = [float(level) for level in re.findall(r"level for tilflyt-\w+\.service: ([\d.]+)", told.stdout)]
    assert len(levels) == len(SERVICES), told.stderr
    assert max(levels) <= EXPOSED_AT_MOST


def test_what_nginx_writes_is_what_is_rotated():
    written = set(re.findall(r"(?:access|error)_log (\S+) ", (DEPLOYMENTS / "nginx/tilflyt.conf").read_text()))
    rotated = next(line for line in (DEPLOYMENTS / "logrotate/tilflyt").read_text().splitlines() if line.endswith("{"))
    assert set(rotated.split()[:-1]) == written


@pytest.fixture
def upgrade(tmp_path: Path):
    """Runs the upgrade and records the commands that it runs; one of them fails if the test wants it."""

    def run(failing: str = "no such command") -> tuple[int, list[str]]:
        done = tmp_path / "done"
        note = (
            f'echo "$(basename "$0") $*" >> {done}\nenv > {tmp_path}/$(basename "$0").env\n'
            f'case "$(basename "$0") $*" in *"{failing}"*) exit 1;; esac'
        )
        for command in ("systemctl", "make"):
            stub(tmp_path / "bin" / command, note)
        stub(tmp_path / "bin" / "runuser", 'shift 3\nexec "$@"')
        stub(tmp_path / "prefix/venv/bin/tilflyt", note)
        (tmp_path / "home").mkdir(exist_ok=True)
        where = {"PREFIX": f"{tmp_path}/prefix", "TILFLYT_HOME": f"{tmp_path}/home"}
        ended = subprocess.run(  # noqa: S603  # our own script
            [DEPLOYMENTS / "upgrade.sh", "/srv/backups"],
            env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", **where},
            capture_output=True,
            check=False,
        )
        return ended.returncode, [line.partition(" PREFIX=")[0] for line in done.read_text().splitlines()]

    return run


ORDER = (
    "systemctl stop tilflyt.target tilflyt-serve.service tilflyt-worker.service tilflyt-prefect.service",
    "tilflyt backup /srv/backups/",
    "make install",
    "tilflyt migrate",
    "systemctl daemon-reload",
    "systemctl start tilflyt-prefect.service",
    "systemctl start tilflyt-worker.service",
    "systemctl start tilflyt-serve.service",
    "systemctl start tilflyt.target",
    "tilflyt doctor",
)


def test_an_upgrade_goes_in_its_order(upgrade):
    code, done = upgrade()
    assert code == 0
    assert [re.sub(r"\d{8}T\d{6}Z", "", line) for line in done] == list(ORDER)


def test_an_upgrade_keeps_the_python_and_the_extra_that_were_installed(upgrade, tmp_path: Path):
    python = tmp_path / "prefix/venv/bin/python"
    stub(tmp_path / "of_the_machine/python3.12", "")
    python.parent.mkdir(parents=True)
    python.symlink_to(tmp_path / "of_the_machine/python3.12")
    (tmp_path / "prefix/venv/lib/python3.12/site-packages/prefect_redis").mkdir(parents=True)
    assert upgrade()[0] == 0
    given = (tmp_path / "make.env").read_text().splitlines()
    assert {f"PYTHON={tmp_path}/of_the_machine/python3.12", "EXTRAS=redis"} <= set(given)
    # The doctor would report it as an unknown setting.
    assert "TILFLYT_HOME" not in (tmp_path / "tilflyt.env").read_text()


@pytest.mark.parametrize(("failing", "steps"), [("backup", 2), ("install", 3), ("migrate", 4)])
def test_an_upgrade_ends_at_what_fails(upgrade, failing: str, steps: int):
    code, done = upgrade(failing)
    assert (code, len(done)) == (1, steps)

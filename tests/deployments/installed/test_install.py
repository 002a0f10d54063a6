"""`make install` on an empty machine installs enough to serve a page, and no tools of the tests or the demo."""

import base64
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deployments.demo.browser import browser
from deployments.processes import LOOPBACK, Processes, free_port

ROOT = Path(__file__).parents[3]
# Modules that production does not use.
OF_THE_DEMO = ("deployments.demo.", "deployments.standins", "deployments.processes")
IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
for layer in ("domain", "storage", "connectors", "tasks", "flows", "approval_api", "templates", "deployments"):
    package = importlib.import_module(layer)
    for found in pkgutil.walk_packages(package.__path__, f"{layer}."):
        if not found.name.startswith(tuple(sys.argv[1:])) and "migrations" not in found.name:
            importlib.import_module(found.name)
from importlib.metadata import distributions
print(*sorted(one.name for one in distributions()))
"""

pytestmark = pytest.mark.xdist_group("install")


@dataclass(frozen=True)
class Installed:
    """An installation, and a working folder outside the checkout."""

    venv: Path
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own programs
            [str(self.venv / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Installed from uv's cache, which `make setup` has filled, so that no test asks a registry."""
    folder = tmp_path_factory.mktemp("install")
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS")}
    made = subprocess.run(  # noqa: S603  # our own Makefile
        ["make", "install", f"PREFIX={folder}", f"BUILD={Path(sys.prefix)}", f"PYTHON={sys.executable}", "COMPILED="],  # noqa: S607
        cwd=ROOT,
        env=environment | {"UV_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode and "cache" in made.stderr and not os.environ.get("CI"):
        pytest.skip("uv has kept too little of what `make setup` fetched: nothing was installed")
    assert made.returncode == 0, made.stdout + made.stderr
    working = folder / "working"
    working.mkdir()
    keys = {f"TILFLYT_{name}_KEY": base64.b64encode(os.urandom(32)).decode() for name in ("LINK", "PSEUDONYM", "VAULT")}
    settings = keys | {
        "TILFLYT_DATABASE_URL": f"sqlite:///{working}/tilflyt.sqlite",
        "TILFLYT_KEYS_URL": f"sqlite:///{working}/keys.sqlite",
        "TILFLYT_SERVE_PORT": str(free_port()),
    }
    (working / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return Installed(folder / "venv", working)


def test_it_holds_what_production_needs_and_no_tools_of_tests_or_demo(installed: Installed):
    done = installed.run("python", "-c", IMPORT_EVERYTHING, *OF_THE_DEMO)
    assert done.returncode == 0, done.stderr
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = re.compile(r"[\w.-]+")
    tools = [*project["dependency-groups"]["dev"], *project["project"]["optional-dependencies"]["demo"]]
    unwanted = {named.match(one)[0] for one in tools} - {"tilflytterstyring"}
    # Prefect depends on it.
    assert unwanted & set(done.stdout.split()) == {"jsonschema"}


def test_its_licence_comes_along_whole(installed: Installed):
    done = installed.run(
        "python", "-c", "from importlib.metadata import distribution as of; one = of('tilflytterstyring');"
        " print(one.metadata['License-Expression']); print(one.read_text('licenses/LICENSE'), end='')",
    )  # fmt: skip  # a program of two lines
    assert (done.returncode, done.stdout) == (0, "MPL-2.0\n" + (ROOT / "LICENSE").read_text()), done.stderr


@pytest.fixture
def served(installed: Installed) -> Iterator[str]:
    """The endpoint as the installed `tilflyt serve` runs it."""
    migrated = installed.run("tilflyt", "migrate")
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    port = re.search(r"TILFLYT_SERVE_PORT=(\d+)", (installed.folder / ".env").read_text())[1]
    command = [str(installed.venv / "bin" / "tilflyt"), "serve"]
    with Processes(installed.folder / "logs", {}) as processes, (installed.folder / "serve.log").open("wb") as log:
        processes.running["serve"] = subprocess.Popen(  # noqa: S603  # our own program
            command, cwd=installed.folder, env=installed.environment, stdout=log, stderr=log
        )
        processes.wait_for("serve", f"http://{LOOPBACK}:{port}/livez")
        yield f"http://{LOOPBACK}:{port}"


def test_it_serves_a_page_with_its_style_its_letters_and_both_languages(served: str):
    with browser(base_url=served, follow_redirects=True) as http:
        danish, english = http.get(f"/q/{'A' * 43}"), http.get(f"/q/{'A' * 43}?lang=en")
        assert '<html lang="da"' in danish.text
        assert '<html lang="en"' in english.text
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', danish.text)
        assert len(styles) == 2
        for style in styles:
            answer = http.get(style)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8"), style
            for asked in set(re.findall(r"url\(['\"]?([^'\")]+\.woff2)", answer.text)):
                assert http.get(httpx.URL(style).join(asked)).status_code == 200, asked
        assert http.get("/readyz").status_code == 200


@pytest.mark.parametrize("command", ["demo", "up"])
def test_the_demo_says_in_one_sentence_that_its_tools_are_not_there(installed: Installed, command: str):
    done = installed.run("tilflyt", command)
    assert done.returncode == 1
    said = " ".join((done.stdout + done.stderr).split())
    assert said.startswith("demo_tools_missing: the demo's tools are not installed here (aiosmtpd,"), said
    assert "Traceback" not in said
    assert not (installed.folder / "var").exists()

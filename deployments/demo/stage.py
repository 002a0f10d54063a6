"""The demo's stage: every process of the platform and of its partners, running on loopback."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deployments.demo import world
from deployments.demo.apart import OF_AN_INSTALLATION
from deployments.demo.environment import Addresses, environment_in
from deployments.files import reached
from deployments.parties.importing import import_file, import_reference
from deployments.processes import Processes
from deployments.standins.world import StandInWorld, save
from storage.clock import DemoClock
from storage.database import Database
from storage.migrate import migrate
from storage.vault.data_keys import KeyStore

DEMOS_KEPT = 3
WORKER, DESK, PREFECT, PARTNERS, LOGIN = "worker", "approval-endpoint", "prefect-server", "partners", "login"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo world, with the addresses of its pages and files."""

    folder: Path
    database: Database
    clock: DemoClock
    processes: Processes
    partners_url: str
    desk_url: str
    prefect_url: str

    @property
    def inbox_url(self) -> str:
        """The page with every letter that was sent."""
        return f"{self.partners_url}/inbox"

    @property
    def journal(self) -> Path:
        """The file with every request and letter that the stand-ins received."""
        return self.folder / "journal.jsonl"

    def order(self, path: str, body: Mapping[str, object]) -> None:
        """Send an order to the stand-ins, such as to begin an outage."""
        httpx.post(f"{self.partners_url}/_control/{path}", json=body, trust_env=False).raise_for_status()

    def start_worker(self) -> None:
        """Start the worker, also again after it was killed."""
        self.processes.start(WORKER, "-m", "deployments.cli.main", "worker")


def folder_for_a_demo(root: Path = Path("var")) -> Path:
    """A new folder; the oldest folders of earlier demos are deleted."""
    with reached(root):
        root.mkdir(exist_ok=True)
    for old in sorted(root.glob("demo-*"))[: -DEMOS_KEPT + 1 or None]:
        shutil.rmtree(old, ignore_errors=True)
    folder = root / f"demo-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    with reached(folder):
        folder.mkdir()
    return folder.resolve()


@contextmanager
def staged(
    folder: Path,
    *,
    database_url: str | None = None,
    peopled: StandInWorld | None = None,
    tell: Callable[[str], None] = lambda _: None,
    more_settings: Mapping[str, str] | None = None,
    disclosed_at_once: bool = False,
) -> Iterator[Stage]:
    """Start every process in a folder, and stop all at the end; `disclosed_at_once`: no yes can be taken back."""
    now = datetime.now(UTC)
    peopled = peopled or world.demo_world(now.date())
    save(peopled, folder / "world.json")
    addresses, clock = Addresses.free(), DemoClock(folder / "clock")
    url = database_url or f"sqlite:///{folder / 'tilflyt.sqlite'}"
    environment = {**environment_in(folder, url, clock, addresses), **world.secrets(peopled), **(more_settings or {})}
    _write_down(environment, folder / "env")
    database = Database(url)
    # The processes run in a folder of their own, so that they do not read a `.env` where the demo is started.
    with Processes(folder / "logs", environment, forgotten=OF_AN_INSTALLATION, folder=folder) as processes:
        stage = Stage(folder, database, clock, processes, addresses.partners, addresses.desk, addresses.prefect)
        tell("Starting the Prefect server and the partners' stand-ins …")
        _start_what_is_around(stage, addresses)
        migrate(database)
        KeyStore(environment["TILFLYT_KEYS_URL"]).make()
        file = folder / "parties.toml"
        world.parties_file(addresses.partners, file, login_url=addresses.login, disclosed_at_once=disclosed_at_once)
        tell(_imported(database, file, now))
        processes.start(DESK, "-m", "deployments.cli.main", "serve")
        stage.start_worker()
        _wait_for_all(processes, addresses)
        yield stage
    database.close()


def _write_down(environment: Mapping[str, str], file: Path) -> None:
    """Write the environment to a file for use by hand; only its owner may read it, as it holds the demo's keys."""
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}='{value}'\n" for name, value in environment.items()))


def _start_what_is_around(stage: Stage, addresses: Addresses) -> None:
    """Start the systems around the platform: Prefect's server, the partners' stand-ins and the OpenID provider."""
    start = stage.processes.start
    start(PREFECT, "-m", "deployments.cli.main", "prefect-server")
    start(
        PARTNERS, "-m", "deployments.standins", "--world", str(stage.folder / "world.json"),
        "--journal", str(stage.journal), "--http-port", str(addresses.partners_port),
        "--smtp-port", str(addresses.smtp_port),
    )  # fmt: skip  # an option and its value stand together
    people = [word for person in world.people_who_log_in() for word in ("--user-claims", person)]
    start(LOGIN, "-m", "oidc_provider_mock", "--port", str(addresses.login_port), *people)


def _wait_for_all(processes: Processes, addresses: Addresses) -> None:
    """Wait until every process that has pages answers."""
    processes.wait_for(PARTNERS, f"{addresses.partners}/inbox/messages")
    processes.wait_for(PREFECT, f"{addresses.prefect}/api/health")
    processes.wait_for(LOGIN, f"{addresses.login}/.well-known/openid-configuration")
    processes.wait_for(DESK, f"{addresses.desk}/livez")


def _imported(database: Database, parties_file: Path, now: datetime) -> str:
    """Import the reference facts and the parties; returns the sentence that says how many."""
    facts, parties = import_reference(database), import_file(database, parties_file, now=now, demo=True)
    return (
        f"Imported {facts.municipalities} municipalities, {facts.areas} listed areas, "
        f"{parties.agreements} agreements, {parties.partners} partners."
    )

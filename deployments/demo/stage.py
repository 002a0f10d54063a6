"""The demo's stage: every process of the platform and of its partners, for real, on loopback."""

import base64
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
from deployments.files import reached
from deployments.parties.importing import import_file, import_reference
from deployments.processes import LOOPBACK, Processes, free_port
from deployments.standins.world import StandInWorld, save
from deployments.worker.prefect_settings import prefect_environment
from storage.clock import DemoClock
from storage.database import Database
from storage.migrate import migrate
from storage.vault.data_keys import KeyStore

DEMOS_KEPT = 3
METRICS_TOKEN = "demo-token-metrics"  # noqa: S105  # of the demo world
WORKER, DESK, PREFECT, PARTNERS, LOGIN = "worker", "approval-endpoint", "prefect-server", "partners", "login"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo world, and where to look."""

    folder: Path
    database: Database
    clock: DemoClock
    processes: Processes
    partners_url: str
    desk_url: str
    prefect_url: str

    @property
    def inbox_url(self) -> str:
        """Every letter that was sent."""
        return f"{self.partners_url}/inbox"

    @property
    def journal(self) -> Path:
        """Every request and letter the stand-ins received."""
        return self.folder / "journal.jsonl"

    def order(self, path: str, body: Mapping[str, object]) -> None:
        """Have the stand-ins misbehave."""
        httpx.post(f"{self.partners_url}/_control/{path}", json=body, trust_env=False).raise_for_status()

    def start_worker(self) -> None:
        """Start the path worker; also again, after it was killed."""
        self.processes.start(WORKER, "-m", "deployments.cli.main", "worker")


def folder_for_a_demo(root: Path = Path("var")) -> Path:
    """A fresh folder; the oldest of earlier demos go."""
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
    """Set the stage in a folder, and clear it at the end; `disclosed_at_once` leaves no hour to take a yes back."""
    now = datetime.now(UTC)
    peopled = peopled or world.demo_world(now.date())
    save(peopled, folder / "world.json")
    http_port, smtp_port, desk_port, prefect_port, login_port = (free_port() for _ in range(5))
    partners_url, desk_url = f"http://{LOOPBACK}:{http_port}", f"http://{LOOPBACK}:{desk_port}"
    login_url, prefect_url = f"http://{LOOPBACK}:{login_port}", f"http://{LOOPBACK}:{prefect_port}"
    url = database_url or f"sqlite:///{folder / 'tilflyt.sqlite'}"
    clock = DemoClock(folder / "clock")
    environment = {
        "TILFLYT_KEYS_URL": f"sqlite:///{folder / 'keys.sqlite'}",
        **_our_settings(
            url, clock, desk_url=desk_url, desk_port=desk_port, smtp_port=smtp_port, prefect_url=prefect_url
        ),
        **world.secrets(peopled),
        **prefect_environment(str(folder / "prefect"), prefect_port),
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        **(more_settings or {}),
    }
    # The demo's keys stand in it.
    (folder / "env").touch(mode=0o600)
    (folder / "env").write_text("".join(f"export {name}='{value}'\n" for name, value in environment.items()))
    database = Database(url)
    # A folder of their own: a `.env` that lies where the demo is started is none of theirs.
    with Processes(folder / "logs", environment, forgotten=OF_AN_INSTALLATION, at=folder) as processes:
        stage = Stage(folder, database, clock, processes, partners_url, desk_url, prefect_url)
        tell("Starting the Prefect server and the partners' stand-ins …")
        processes.start(PREFECT, "-m", "deployments.cli.main", "prefect-server")
        processes.start(
            PARTNERS, "-m", "deployments.standins", "--world", str(folder / "world.json"),
            "--journal", str(stage.journal), "--http-port", str(http_port), "--smtp-port", str(smtp_port),
        )  # fmt: skip  # an option and its value stand together
        people = [word for person in world.people_who_log_in() for word in ("--user-claims", person)]
        processes.start(LOGIN, "-m", "oidc_provider_mock", "--port", str(login_port), *people)
        migrate(database)
        KeyStore(environment["TILFLYT_KEYS_URL"]).make()
        parties = world.parties_file(
            partners_url, folder / "parties.toml", login_url=login_url, disclosed_at_once=disclosed_at_once
        )
        tell(_imported(database, parties, now))
        processes.start(DESK, "-m", "deployments.cli.main", "serve")
        stage.start_worker()
        processes.wait_for(PARTNERS, f"{partners_url}/inbox/messages")
        processes.wait_for(PREFECT, f"{stage.prefect_url}/api/health")
        processes.wait_for(LOGIN, f"{login_url}/.well-known/openid-configuration")
        processes.wait_for(DESK, f"{desk_url}/livez")
        yield stage
    database.close()


def _imported(database: Database, parties_file: Path, now: datetime) -> str:
    """Bring the reference facts and the parties in; the sentence that says how many there were."""
    facts, parties = import_reference(database), import_file(database, parties_file, now=now, demo=True)
    return (
        f"Imported {facts.municipalities} municipalities, {facts.areas} listed areas, "
        f"{parties.agreements} agreements, {parties.partners} partners."
    )


def _our_settings(
    url: str, clock: DemoClock, *, desk_url: str, desk_port: int, smtp_port: int, prefect_url: str
) -> dict[str, str]:
    """The platform's own settings in the demo world, with keys for this demo alone."""
    return {
        "TILFLYT_WORLD": "demo",
        "TILFLYT_DATABASE_URL": url,
        "TILFLYT_PUBLIC_URL": desk_url,
        "TILFLYT_SERVE_PORT": str(desk_port),
        "TILFLYT_SMTP_PORT": str(smtp_port),
        "TILFLYT_PREFECT_UI_URL": prefect_url,
        "TILFLYT_METRICS_TOKEN": METRICS_TOKEN,
        "TILFLYT_DEMO_CLOCK_FILE": str(clock.path),
        "TILFLYT_PARTNER_TIMEOUT_S": "3",
        "TILFLYT_DELIVERY_LEASE_S": "6",
        "TILFLYT_MAIL_FROM": "tilflytterstyring@demo.invalid",
        "TILFLYT_SUPPORT_PHONE": "00 00 00 00 (opdigtet)",
        **{f"TILFLYT_{name}_KEY": fresh_key() for name in ("LINK", "PSEUDONYM", "VAULT")},
    }


def fresh_key() -> str:
    """A key for this demo alone."""
    return base64.b64encode(os.urandom(32)).decode()

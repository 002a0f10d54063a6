"""The addresses of the demo's processes, and the environment in which they are started."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from deployments.processes import LOOPBACK, free_port
from deployments.worker.prefect_settings import prefect_environment
from storage.clock import DemoClock

METRICS_TOKEN = "demo-token-metrics"  # noqa: S105  # of the demo world


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ports on loopback, and the addresses of the processes that have pages."""

    partners_port: int
    smtp_port: int
    desk_port: int
    prefect_port: int
    login_port: int

    @classmethod
    def free(cls) -> "Addresses":
        """Ports that nobody listens on."""
        return cls(*(free_port() for _ in range(5)))

    @property
    def partners(self) -> str:
        """The partners' stand-ins."""
        return f"http://{LOOPBACK}:{self.partners_port}"

    @property
    def desk(self) -> str:
        """The approval endpoint."""
        return f"http://{LOOPBACK}:{self.desk_port}"

    @property
    def prefect(self) -> str:
        """Prefect's server."""
        return f"http://{LOOPBACK}:{self.prefect_port}"

    @property
    def login(self) -> str:
        """The OpenID provider at which people log in."""
        return f"http://{LOOPBACK}:{self.login_port}"


def environment_in(folder: Path, database_url: str, clock: DemoClock, addresses: Addresses) -> dict[str, str]:
    """The platform's settings and Prefect's in the demo world."""
    return {
        "TILFLYT_KEYS_URL": f"sqlite:///{folder / 'keys.sqlite'}",
        **_our_settings(database_url, clock, addresses),
        **prefect_environment(str(folder / "prefect"), addresses.prefect_port),
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    }


def _our_settings(url: str, clock: DemoClock, addresses: Addresses) -> dict[str, str]:
    """The platform's settings in the demo world, with keys for this demo alone."""
    return {
        "TILFLYT_WORLD": "demo",
        "TILFLYT_DATABASE_URL": url,
        "TILFLYT_PUBLIC_URL": addresses.desk,
        "TILFLYT_SERVE_PORT": str(addresses.desk_port),
        "TILFLYT_SMTP_PORT": str(addresses.smtp_port),
        "TILFLYT_PREFECT_UI_URL": addresses.prefect,
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

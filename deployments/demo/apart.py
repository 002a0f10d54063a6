"""Keeps the demo apart from installations: it uses no settings of an installation, and does not run beside one."""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from deployments.files import env_of
from domain.errors import TilflytError

OF_AN_INSTALLATION = ("PREFECT_", "TILFLYT_")
COMMANDS = ("demo", "up")


class BesideProduction(TilflytError):
    """The demo was started where an installation has its settings; the text says where they stand."""

    code = "beside_production"


def stand_apart(environment: MutableMapping[str, str] = os.environ, folder: Path = Path()) -> None:
    """Delete inherited settings before they are read. `BesideProduction` when there is an installation here."""
    file = folder / ".env"
    for where, settings in ((str(file.absolute()), env_of(file)), ("the environment", environment)):
        if is_an_installation(settings):
            raise BesideProduction(
                f"{where} has an installation's settings. The demo does not run beside it: "
                "start it in a folder, and in a shell, that has none"
            )
    for name in [name for name in environment if name.startswith(OF_AN_INSTALLATION)]:
        del environment[name]


def is_an_installation(settings: Mapping[str, str | None]) -> bool:
    """Whether these settings are the platform's, or name a Prefect server's database, and are not a demo world's."""
    database = "PREFECT_SERVER_DATABASE_CONNECTION_URL" in settings
    ours = any(name.startswith("TILFLYT_") for name in settings)
    return (ours or database) and settings.get("TILFLYT_WORLD") != "demo"

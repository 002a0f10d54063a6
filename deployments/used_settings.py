"""Says which settings and databases a command uses, when they are not those of the program's own folder.

In a wrong folder everything would seem to work, but on the databases that the environment or another `.env` names.
"""

import sys
from pathlib import Path

from dotenv import dotenv_values
from sqlalchemy import make_url

from storage.installation import shown_url
from storage.settings import ENV_FILE, Settings

BEGINS = "Settings: "
DATABASES = ("database_url", "keys_url")


def unusual(settings: Settings) -> str | None:
    """A line that names the settings and databases; None when they are the usual ones."""
    file = ENV_FILE.absolute()
    written = dotenv_values(file, encoding="utf-8-sig") if file.exists() else {}
    elsewhere = [
        name for name in DATABASES if (written.get(f"TILFLYT_{name.upper()}") or "") != getattr(settings, name)
    ]
    if file.exists() and file.resolve().parent in _of_the_program() and not elsewhere:
        return None
    source = str(file) if file.exists() else f"the environment alone, for there is no {file}"
    database, keys = (shown_url(make_url(getattr(settings, name))) for name in DATABASES)
    beside = " (not as that file says)" if file.exists() and elsewhere else ""
    return f"{BEGINS}{source}; {settings.world}; database {database}, keys {keys}{beside}."


def _of_the_program() -> set[Path]:
    """The folder of the sources, and the folder in which the program's virtual environment lies."""
    return {Path(__file__).resolve().parents[1], Path(sys.prefix).resolve().parent}

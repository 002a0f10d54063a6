"""Check for settings with an unknown name: when a name is misspelled, the default is used and nobody notices."""

import os

from domain.text.nearest import nearest
from storage.settings import Settings

PREFIX = "TILFLYT_"


def settings_known(_settings: Settings) -> str:
    """Whether each `TILFLYT_` setting has a known name; for an unknown one, the name that was most likely meant."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise LookupError("; ".join(_told(name, known) for name in unknown))
    return "each has a name that is known"


def _told(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f"{name} is no setting{f': did you mean {near}?' if near else ', see .env.example'}"

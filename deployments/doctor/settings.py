"""Settings that nobody reads: a name that is written wrong leaves a default standing, and nobody notices."""

import os

from domain.text.nearest import nearest
from storage.settings import Settings

PREFIX = "TILFLYT_"


def settings_known(_settings: Settings) -> str:
    """Whether each setting of ours has a name that there is; the one that was most likely meant, where not."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise LookupError("; ".join(_told(name, known) for name in unknown))
    return "each has a name that is known"


def _told(name: str, known: list[str]) -> str:
    near = nearest(name, known)
    return f"{name} is no setting{f': did you mean {near}?' if near else ', see .env.example'}"

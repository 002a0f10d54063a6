"""What an installation needs to work, checked one by one."""

import smtplib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import httpx
from prefect.settings import get_current_settings
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import func, select

from domain.errors import TilflytError
from storage.database import Database
from storage.key_encryption import key_ring
from storage.keys import KeyStore
from storage.migrate import newest_version, version_of
from storage.rebinding import not_bound
from storage.settings import Settings, required_key
from storage.shredding import orphans
from storage.vault import Vault

LARGEST_DRIFT_S = 5.0
TRUSTED_TOGETHER = ("prefect", "fastapi", "sqlalchemy", "sqlmodel")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, whether it is well, and what was seen."""

    check: str
    well: bool
    seen: str


def _versions(_settings: Settings) -> str:
    return ", ".join(f"{name} {version(name)}" for name in TRUSTED_TOGETHER)


def _keys(settings: Settings) -> str:
    for name in ("link_key", "pseudonym_key"):
        required_key(name, getattr(settings, name))
    return f"three keys, vault key {key_ring(settings).key_id}"


def _vault(settings: Settings) -> str:
    vault = Vault(key_ring(settings), KeyStore(settings.keys_url))
    with closing(Database(settings.database_url)) as database:
        found = orphans(database, vault, now=datetime.now(UTC))
        with database.reading() as session:
            before = not_bound(session)
    if found.lost:
        raise LookupError(f"{len(found.lost)} entries have lost their key: `tilflyt vault sweep` names them")
    if left := len(found.keys) + len(found.half_shredded):
        raise LookupError(f"{left} things are left of a crash: run `tilflyt vault sweep`")
    if before:
        raise LookupError(f"{before} entries are not yet bound to their case's reference: a worker does it")
    return "every entry has its key, and is bound to its case's reference"


def _support(settings: Settings) -> str:
    if not settings.support_phone:
        raise LookupError("TILFLYT_SUPPORT_PHONE is empty: associations have nobody to call")
    return f"{settings.support_name}, {settings.support_phone}"


def _database(settings: Settings) -> str:
    database = Database(settings.database_url)
    with database.reading() as session:
        session.exec(select(1)).one()
    return f"{database.engine.dialect.name} answers"


def _migrations(settings: Settings) -> str:
    here, newest = version_of(Database(settings.database_url)), newest_version()
    if here != newest:
        raise LookupError(f"at {here}, this code needs {newest}: run `tilflyt migrate`")
    return f"at {here}"


def _smtp(settings: Settings) -> str:
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=settings.partner_timeout_s) as smtp:
        smtp.noop()
    return f"{settings.smtp_host}:{settings.smtp_port} answers"


def _prefect(_settings: Settings) -> str:
    url = get_current_settings().api.url
    if url is None:
        raise LookupError("PREFECT_API_URL is not set")
    answer = httpx.get(f"{url}/admin/version", timeout=5, trust_env=False)
    answer.raise_for_status()
    return f"server {answer.json()} answers"


def _clock(settings: Settings) -> str:
    database = Database(settings.database_url)
    if database.is_sqlite:
        return "one machine, one clock"
    with database.reading() as session:
        theirs = session.exec(select(func.clock_timestamp())).one()
    drift_s = abs((datetime.now(UTC) - theirs).total_seconds())
    if drift_s > LARGEST_DRIFT_S:
        raise LookupError(f"{drift_s:.0f} s from the database's clock")
    return f"{drift_s:.1f} s from the database's clock"


CHECKS: dict[str, Callable[[Settings], str]] = {
    "versions": _versions,
    "keys": _keys,
    "support": _support,
    "database": _database,
    "migrations": _migrations,
    "vault": _vault,
    "smtp": _smtp,
    "prefect": _prefect,
    "clock": _clock,
}


def findings(settings: Settings) -> list[Finding]:
    """Every check with what it saw; one that fails stops no other."""
    found = []
    for name, check in CHECKS.items():
        try:
            found.append(Finding(name, well=True, seen=check(settings)))
        except (TilflytError, LookupError) as error:
            found.append(Finding(name, well=False, seen=str(error)))
        except (OSError, SQLAlchemyError, httpx.HTTPError) as error:
            found.append(Finding(name, well=False, seen=type(error).__name__))
    return found

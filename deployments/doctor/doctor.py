"""Checks of what an installation needs."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import httpx
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import select

from deployments.doctor.backup import went_back
from deployments.doctor.connections import connections
from deployments.doctor.entrance import logins, proxies
from deployments.doctor.parties import parties
from deployments.doctor.schedules import schedules
from deployments.doctor.settings import settings_known
from deployments.one_sentence import said_by_driver
from deployments.worker.prefect_login import prefect_api
from domain.errors import TilflytError
from domain.silence import why_silent
from storage.database import FOR_OTHERS, Database, files_of
from storage.dialect import clock_of_server, file_of
from storage.installation import named, opened_database, shown_url
from storage.migrate import newest_version
from storage.privacy.old_seals import not_bound
from storage.privacy.shredding import orphans
from storage.settings import Settings, required_key
from storage.vault.destroyed import destroyed_keys
from storage.vault.key_checks import same_keys
from storage.vault.key_encryption import key_ring, key_store
from storage.vault.vault import Vault
from tasks.upkeep.retention import destroy_again

LARGEST_DRIFT_S = 5.0
TRUSTED_TOGETHER = ("prefect", "fastapi", "sqlalchemy", "sqlmodel")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, whether all is well, and what was seen."""

    check: str
    well: bool
    seen: str


def _versions(_settings: Settings) -> str:
    return ", ".join(f"{name} {version(name)}" for name in TRUSTED_TOGETHER)


def _keys(settings: Settings) -> str:
    for name in ("link_key", "pseudonym_key"):
        required_key(name, getattr(settings, name))
    vault = Vault(key_ring(settings), key_store(settings))
    with closing(opened_database(settings)) as database:
        same_keys(database, vault, settings)
    if others := vault.keys.some_under(vault.encryption.key_ids, others=True):
        lost = next(iter(others.values())).key_id
        raise LookupError(f"some families' keys are sealed under {lost}, which is not at hand: put it back, and rotate")
    return f"three keys, the same as before; vault key {vault.key_id}, which opens what is sealed"


def _vault(settings: Settings) -> str:
    vault, now = Vault(key_ring(settings), key_store(settings)), datetime.now(UTC)
    with closing(opened_database(settings)) as database:
        back = destroy_again(database, vault, by="doctor", now=now)
        found = orphans(database, vault, now=now)
        with database.reading() as session:
            before = not_bound(session)
    if found.lost:
        raise LookupError(f"{len(found.lost)} entries have lost their key: `tilflyt vault sweep` names them")
    if left := len(found.keys) + len(found.half_shredded):
        raise LookupError(f"{left} things are left of a crash: run `tilflyt vault sweep`")
    if before:
        raise LookupError(f"{before} entries are not yet bound to their case's reference: a worker does it")
    again = f"; {len(back)} keys that a backup brought back were destroyed again" if back else ""
    return f"every entry has its key, and is bound to its case's reference{again}"


def destroyed(settings: Settings) -> str:
    """Where the list of destroyed keys is stored: not where a backup of a database would put back an older list."""
    file = destroyed_keys(settings).file.absolute()
    if file.parent in {one.absolute().parent for one in _database_files(settings)}:
        raise LookupError(f"{file} lies in a database's folder, and so in its backup: move it, TILFLYT_DESTROYED_FILE")
    return f"{file}, which must be in no backup that is put back"


def file_rights(settings: Settings) -> str:
    """Whether others than their owner may read the files with families' data. Opening SQLite's narrows their rights."""
    files = [one for database in _database_files(settings) for one in files_of(database)]
    files += [one for one in (destroyed_keys(settings).file,) if one.exists()]
    if wide := [str(one) for one in files if one.stat().st_mode & FOR_OTHERS]:
        raise LookupError(f"others may read {', '.join(wide)}: run chmod 600")
    return f"nobody but their owner may read {len(files)} files"


def _database_files(settings: Settings) -> list[Path]:
    return [file for url in (settings.database_url, settings.keys_url) if (file := file_of(url)) is not None]


def _support(settings: Settings) -> str:
    if not settings.support_phone:
        raise LookupError("TILFLYT_SUPPORT_PHONE is empty: associations have nobody to call")
    return f"{settings.support_name}, {settings.support_phone}"


def _database(settings: Settings) -> str:
    where = named(settings, "database_url")
    with closing(Database(settings.database_url)) as database, database.reading() as session:
        session.exec(select(1)).one()
    return f"{database.engine.dialect.name} answers: {shown_url(where)}"


def _migrations(settings: Settings) -> str:
    opened_database(settings).close()
    return f"at {newest_version()}"


def _prefect(_settings: Settings) -> str:
    return prefect_api()


def _clock(settings: Settings) -> str:
    database = opened_database(settings)
    with database.reading() as session:
        theirs = clock_of_server(session)
    if theirs is None:
        return "one machine, one clock"
    drift_s = abs((datetime.now(UTC) - theirs).total_seconds())
    if drift_s > LARGEST_DRIFT_S:
        raise LookupError(f"{drift_s:.0f} s from the database's clock")
    return f"{drift_s:.1f} s from the database's clock"


CHECKS: dict[str, Callable[[Settings], str]] = {
    "versions": _versions,
    "settings": settings_known,
    # First, because other checks open the files.
    "file rights": file_rights,
    "destroyed keys": destroyed,
    "keys": _keys,
    "support": _support,
    "database": _database,
    "migrations": _migrations,
    "vault": _vault,
    "backup put back": went_back,
    "prefect": _prefect,
    "schedules": schedules,
    "clock": _clock,
    "logins": logins,
    "parties": parties,
    "proxies": proxies,
}


def findings(settings: Settings) -> list[Finding]:
    """Every check and every connection with its result; one that fails stops no other."""
    found = []
    for name, check in CHECKS.items():
        try:
            found.append(Finding(name, well=True, seen=check(settings)))
        except (TilflytError, LookupError) as error:
            found.append(Finding(name, well=False, seen=str(error)))
        except DBAPIError as error:
            found.append(Finding(name, well=False, seen=said_by_driver(error)))
        except (OSError, SQLAlchemyError, httpx.HTTPError) as error:
            found.append(Finding(name, well=False, seen=why_silent(error)))
    return [*found, *(Finding(name, well=well, seen=seen) for name, well, seen in connections(settings))]

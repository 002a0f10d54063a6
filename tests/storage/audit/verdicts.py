"""The verdict on a chain, and ways to tamper with one."""

import sqlite3
from contextlib import closing

from domain.audit import Fault
from storage.audit.chain import bind
from storage.audit.checkpoints import checkpoint, verifying_key
from storage.audit.verdict import Verdict, verified
from storage.database import Database
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.upkeep.chain import seal
from tests.world.families import family
from tests.world.world import World


def house_and_seal(world: World) -> None:
    """House a family, and chain and sign everything."""
    world.home()
    world.flag(family())
    world.housed()
    seal(world.platform)


def verdict(world: World, **given: object) -> Verdict:
    with world.platform.database.snapshot() as session:
        return verified(session, public_keys=[verifying_key(world.platform.vault)], **given)


def found_in(world: World) -> list[tuple[Fault, str]]:
    return [(fault.fault, fault.source) for fault in verdict(world).faults]


def tamper(database: Database, *statements: str) -> None:
    """Change protected rows, as the database's owner could: the triggers are dropped first."""
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as own:
            for (name,) in own.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                own.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                own.execute(statement)
        return
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))


EMPTIED = ("DELETE FROM audit_link", "DELETE FROM audit_checkpoint")


def chained_anew(world: World, by: KeyRing, *changes: str) -> None:
    """An insider changes rows and writes the whole chain again, as the sealer would; then it is signed."""
    tamper(world.platform.database, *EMPTIED, *changes)
    with world.platform.database.writing() as session:
        while bind(session):
            pass
        checkpoint(session, Vault(by, world.platform.vault.keys), now=world.clock.now())

"""A platform whose database is restored from a backup, with partners that go on."""

import asyncio
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

from deployments.backup.database_copies import program
from deployments.demo import world as demo
from deployments.standins.world import Sent
from domain.questions.question import QuestionKind
from storage.database import Database
from storage.restored.watermark import note_how_far
from tasks.intake import intake
from tasks.upkeep.chain import seal
from tests.world.commands import CommandLine
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.kept import keys_of
from tests.world.world import World

TOKENS = {
    **{f"municipality:{code}": f"token-{code}" for code in ("0461", "0751", "0430", "0450", "0710")},
    **{f"association:{name}": f"token-{name}" for name in ("havblik", "kloeverlykken", "skovbrynet")},
}


def flag(number: int) -> Sent:
    return {
        "flag_id": f"flag-{number}",
        "case_id": f"sag-{number}",
        "flagged_by": "sagsbehandler-1",
        "from_area": "Vollsmose",
        "outside_labour_market": 1,
        "language": "da",
        "answers_by": "caseworker",
        "need": {
            "persons": 3,
            "rooms_min": 3,
            "rent_max_monthly_ore": 900_000,
            "move_in_from": "2026-04-01",
            "step_free": False,
        },
        "consent": {"given_on": "2026-02-20", "given_to": "sagsbehandler", "how": "in_writing", "children": "heard"},
        "identity": demo.identity(number),
    }


class Town:
    """A world whose partners are the stand-ins, over HTTP, and its command line."""

    def __init__(self, world: World, tilflyt: CommandLine, partners_url: str, server: OwnPostgres | None) -> None:
        self.world, self.tilflyt, self.partners_url, self.server = world, tilflyt, partners_url, server

    def flags(self, *numbers: int) -> None:
        self._order("flags/0461", [flag(number) for number in numbers])
        self.take_in()

    def withdraws(self, case_id: str) -> None:
        self._order("withdraw/0461", {"case_id": case_id, "reason": "consent_withdrawn"})
        self.take_in()

    def take_in(self) -> None:
        asyncio.run(intake.take_in(self.world.platform, "0461"))
        self.world.settle()

    def moves_in(self) -> None:
        assert self.world.answer(QuestionKind.MOVE_IN)
        self.world.settle()

    def _order(self, what: str, said: Any) -> None:
        assert httpx.post(f"{self.partners_url}/_control/{what}", json=said).is_success

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.partners_url}/_control/state").json()
        return found

    def postings(self) -> Counter[tuple[str, str, str]]:
        """How often each side of a booking was posted, by case, kind and account."""
        told = (one for system in self.state()["finance"].values() for one in system["postings"])
        return Counter((one["reference"], one["kind"], one["account"]) for one in told)

    def evening(self) -> None:
        """Chain the new rows and write the mark of how far the database has come, as the worker does within seconds."""
        platform = self.world.platform
        seal(platform)
        assert platform.marks is not None
        note_how_far(platform.database, platform.marks, now=platform.now())

    def put_back(self, folder: Path, keys: Path) -> None:
        """Restore a backup as the guide says: every process is stopped, and the copies replace the old files."""
        database = self.world.platform.database
        database.close()
        self.world.platform.vault.keys.close()
        name = str(database.engine.url.database)
        if self.server is None:
            put_file_back(folder / "database.sqlite", Path(name))
        else:
            major = major_of(database)
            self.server.run(f"ALTER DATABASE {name} RENAME TO {name}_before")
            self.server.run(f"CREATE DATABASE {name}")
            at = make_url(database.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
            restore = [program("pg_restore", major), "--no-owner", "--exit-on-error"]
            subprocess.run([*restore, f"--dbname={at}", folder / "database.dump"], check=True)  # noqa: S603  # PostgreSQL's own
        put_file_back(keys / "keys.sqlite", Path(keys_of(self.world)))


def major_of(database: Database) -> int:
    with database.reading() as session:
        found = int(session.connection().exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    database.close()
    return found


def put_file_back(copy: Path, file: Path) -> None:
    for beside in file.parent.glob(f"{file.name}*"):
        beside.unlink()
    shutil.copy(copy, file)

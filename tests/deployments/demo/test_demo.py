"""The demo, run once as a person runs it; each test checks a part of its summary."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import realization

from deployments.demo.leaks import leaks
from deployments.standins.world import load
from domain.books.journal import account_name, journal
from storage.books.balances import all_booked, balances
from storage.database import Database

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The one JSON object that `tilflyt demo --json` prints."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "deployments.cli.main", "demo", "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **inherited(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [one.name for one in folder.iterdir()] == ["var"]
    return json.loads(done.stdout)


def inherited(folder: Path) -> dict[str, str]:
    """An environment with settings of another Prefect, into whose database the demo must not write."""
    return {
        "TILFLYT_WORLD": "demo",
        "TILFLYT_IMAP_HOST": "mail.invalid",
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder}/anothers.db",
    }


def test_at_least_twelve_of_twenty_four_families_are_housed_and_nothing_is_left_over(summary):
    assert summary["families"] == 24
    assert summary["housed"] >= 12
    assert sum(summary[status] for status in ("housed", "seeking", "closed", "withdrawn")) == 24
    assert (summary["ledger_sum_ore"], summary["undelivered"], summary["personal_data_leaks"]) == (0, 0, 0)


def test_every_invariant_held(summary):
    assert summary["invariants"] == dict.fromkeys(summary["invariants"], True)
    assert len(summary["invariants"]) >= 10


def test_the_people_did_what_makes_the_demo_worth_playing(summary):
    """Some people declined, one withdrew, one sign-off was refused, and there were bad flags and bad rows."""
    assert (summary["withdrawn"], summary["closed"]) == (1, 1)
    assert (summary["refused_flags"], summary["rows_in_quarantine"]) == (3, 2)


def test_the_search_for_leaks_finds_what_is_planted(summary, tmp_path):
    folder = Path(summary["where_to_look"]["Folder"])
    flags = [flag for flags in load(folder / "world.json").case_systems.values() for flag in flags]
    identity = flags[0]["identity"]
    (tmp_path / "journal.jsonl").write_text(
        json.dumps({"kind": "http", "path": "/association/x/reservations", "body": f"for {identity['adult_name']}"})
        + "\n"
        + json.dumps({"kind": "http", "path": "/association/x/tenants", "body": identity["email"]})
        + "\n"
        + json.dumps({"kind": "mail", "message": f"To: {identity['email']}\n\nHej {identity['phone']}", "decoded": {}})
        + "\n"
    )
    (tmp_path / "worker.log").write_text(f"cpr={identity['cpr'].replace('-', '')}")

    found = leaks(tmp_path, flags, accepted=frozenset())
    forgiven = leaks(tmp_path, flags, accepted=frozenset({str(flags[0]["case_id"])}))

    assert {(leak.where, leak.what) for leak in found} == {
        ("worker.log", "cpr without hyphen"),
        ("/association/x/reservations", "adult_name"),
        ("/association/x/reservations", "surname"),
        ("/association/x/tenants", "email"),
        ("a letter", "phone"),
    }
    assert "/association/x/tenants" not in {leak.where for leak in forgiven}
    assert len(forgiven) == len(found) - 1


def test_beancount_accepts_the_journal_of_the_demo_and_comes_to_the_same_balances(summary, tmp_path):
    database = Database(environment_of(summary)["TILFLYT_DATABASE_URL"])
    with database.snapshot() as session:
        (tmp_path / "books.beancount").write_text("".join(journal(all_booked(session))))
        found = balances(session, as_of=datetime.max.replace(tzinfo=UTC))
    database.close()
    ours = {account_name(one.account, one.rule): Decimal(one.ore) / 100 for one in found}

    entries, errors, _ = loader.load_file(str(tmp_path / "books.beancount"))

    assert errors == []
    theirs = realization.realize(entries)
    assert ours == {name: realization.get(theirs, name).balance.get_currency_units("DKK").number for name in ours}
    assert any(name.startswith("Assets:Fund") for name in ours), "an agreement has a model of parts"


def environment_of(summary) -> dict[str, str]:
    """The environment in which the demo ran."""
    lines = (Path(summary["where_to_look"]["Folder"]) / "env").read_text().splitlines()
    return dict(line.removeprefix("export ").replace("'", "").split("=", 1) for line in lines)


def test_staff_can_read_a_case_and_the_attention_list_from_the_command_line(summary):
    environment = environment_of(summary)

    def tilflyt(*arguments: str) -> Any:
        done = subprocess.run(  # noqa: S603  # our own program with our own arguments
            [sys.executable, "-m", "deployments.cli.main", *arguments, "--json"],
            cwd=Path(__file__).parents[3],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return json.loads(done.stdout)

    case = tilflyt("referral", "show", summary["where_to_look"]["A case"].split()[-1])
    assert {"received", "seeking"} <= {line["to"] for line in case["history"]}
    assert any(line["run"] for line in case["history"])
    assert isinstance(tilflyt("attention"), list)
    checks = {finding["check"]: finding["well"] for finding in tilflyt("doctor")}
    # The systems to which the demo was connected have ended with it.
    connections = {name: checks.pop(name) for name in list(checks) if ":" in name}
    assert {"municipality:0461 case_system", "association:havblik vacancy_feed"} <= set(connections)
    assert not any(connections.values())
    assert checks == {
        "versions": True,
        "settings": True,
        "file rights": True,
        "destroyed keys": True,
        "keys": True,
        "support": True,
        "database": True,
        "migrations": True,
        "smtp": False,
        "prefect": False,
        "vault": True,
        "backup put back": True,
        "schedules": True,
        "clock": True,
        "logins": True,
        "parties": True,
        "proxies": True,
    }

"""`tilflyt privacy report` prints a period's counts; and an access counts as given when its files are written."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

from sqlmodel import select
from typer.testing import CliRunner

from deployments.cli.main import app
from deployments.files import FileOutOfReach, NewFolder
from storage.audit.chain import last_link
from storage.audit.events import AuditEvent
from storage.privacy.retention import ArchiveReceipt
from storage.vault.entries import VaultOpening
from tasks.upkeep.chain import seal
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.new_world import KEY
from tests.world.world import World


def test_the_report_counts_what_was_done_in_the_period_and_names_nobody(sqlite_world: World, monkeypatch, tmp_path):
    world = sqlite_world
    world.home()
    world.flag(family())
    world.housed()
    monkeypatch.chdir(tmp_path)
    for name in ("LINK", "PSEUDONYM", "VAULT"):
        monkeypatch.setenv(f"TILFLYT_{name}_KEY", base64.b64encode(KEY).decode())
    monkeypatch.setenv("TILFLYT_DATABASE_URL", str(world.platform.database.engine.url))
    run = CliRunner().invoke
    during = ["privacy", "report", "--since", "2026-01-01", "--until", "2027-01-01"]

    told = json.loads(run(app, [*during, "--json"]).stdout)
    assert (told["requests"], told["alike"], told["alike_least"], told["below_wanted"]) == (1, {"1": 1}, 1, 0)
    # No other family is alike, in the world or in its sending.
    assert (told["alike_in_sending"], told["right_at_most_pct"], told["two_right_at_most_pct"]) == (
        {"1": 1},
        100.0,
        None,
    )
    assert (told["approvals"], told["alike_to_municipality"]) == (1, {"1": 1})
    assert (told["disclosures"], told["recalls_outstanding"], told["waiting"]) == (2, 0, 0)
    assert told["openings"]["disclosure"] == 2
    shown = run(app, during).stdout
    assert "alike least" in shown
    assert "right at most pct" in shown
    assert family().identity.adult_name not in shown

    before = json.loads(run(app, ["privacy", "report", "--until", "2025-01-01", "--json"]).stdout)
    assert (before["requests"], before["openings"], before["alike_median"]) == (0, {}, None)


def test_a_process_of_its_own_verifies_the_chain_to_its_end(sqlite_world: World, tmp_path):
    world = sqlite_world
    world.flag(family())
    with world.platform.database.writing() as session:
        receipt = ArchiveReceipt(referral_id=world.referral().id, receipt="AK-1", by="archive", at=world.clock.now())
        session.add(receipt)
    seal(world.platform)
    keys = {f"TILFLYT_{name}_KEY": base64.b64encode(KEY).decode() for name in ("LINK", "PSEUDONYM", "VAULT")}
    told = subprocess.run(
        [sys.executable, "-m", "deployments.cli.main", "privacy", "report", "--json"],
        cwd=tmp_path,
        env={
            **os.environ,
            **keys,
            "PYTHONPATH": str(Path(__file__).parents[4]),
            "TILFLYT_DATABASE_URL": str(world.platform.database.engine.url),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    with world.platform.database.reading() as session:
        assert json.loads(told.stdout)["chain_verified_to_entry"] == last_link(session).seq


def test_an_access_that_could_not_be_written_was_not_given_and_the_opening_stands(
    sqlite_world: World, monkeypatch, capsys, tmp_path
):
    sqlite_world.flag(family())
    tilflyt = CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)
    asks = ("rights", "access", "TF-2026-00001", "--purpose", "the family has asked", "--to", str(tmp_path / "held"))

    def full(*_) -> None:
        raise FileOutOfReach("access.html", "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(NewFolder, "write", full)
        assert "No space left" in tilflyt(*asks, code=1)

    given = select(AuditEvent).where(AuditEvent.deed == "access_given")
    assert ((tmp_path / "held").exists(), sqlite_world.rows(given)) == (False, [])
    assert len(sqlite_world.rows(select(VaultOpening))) == 1
    tilflyt(*asks)
    assert len(sqlite_world.rows(given)) == 1

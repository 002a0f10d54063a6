"""Everything that is done is bound into the chain; what anybody changes, deletes, reorders or cuts off is found."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from deployments.cli import app
from domain.audit import Break, Fault
from storage.audit import (
    SOURCES,
    Verdict,
    anything_unchained,
    checkpoint,
    checkpoint_is_due,
    kept_checkpoints,
    verified,
    verifying_key,
)
from storage.database import Database
from storage.key_encryption import KeyRing
from storage.parties import partners
from storage.vault import Vault
from tasks.auditing import seal
from tests.kept import world_after
from tests.world import KEY, World, family

APPEND_ONLY = ("audit_event", "audit_link", "audit_checkpoint", "release")


def house_and_seal(world: World) -> None:
    """A family housed, and everything bound and signed."""
    world.home()
    world.flag(family())
    world.housed()
    seal(world.platform)


audited = world_after(house_and_seal)


def verdict(world: World) -> Verdict:
    with world.platform.database.reading() as session:
        return verified(session, public_keys=[verifying_key(world.platform.vault)])


def tamper(database: Database, *statements: str) -> None:
    """Change what nobody may, as somebody who owns the database could."""
    with database.engine.execution_options(writing=True).begin() as connection:
        if database.is_sqlite:
            for (name,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
            ).fetchall():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.execute(text(statement))


def test_every_deed_of_a_case_is_in_the_chain_and_the_chain_holds(audited: World):
    found = verdict(audited)

    assert found.holds
    assert found.unchained == 0
    assert found.checkpoints == 1
    with audited.platform.database.reading() as session:
        count = {
            name: session.execute(text(f"SELECT COUNT(*) FROM {table.name}")).scalar_one()  # noqa: S608  # our tables
            for name, table in SOURCES.items()
        }
        deeds = set(session.execute(text("SELECT deed FROM audit_event")).scalars())
        assert not anything_unchained(session)
    assert found.entries == sum(count.values())
    # This family is neither archived nor shredded.
    assert {name for name, entries in count.items() if not entries} == {"archived", "shredding"}
    assert {"parties_imported", "disclosure_decided", "disclosed"} <= deeds
    assert seal(audited.platform) == 0


def test_a_day_on_which_nothing_is_done_is_not_signed(audited: World):
    audited.clock.at = audited.clock.at.replace(day=audited.clock.at.day + 1)
    with audited.platform.database.reading() as session:
        assert not checkpoint_is_due(session, today=audited.clock.at.date())

    seal(audited.platform)

    assert verdict(audited).checkpoints == 1


def test_what_is_done_later_is_bound_later_and_signed_the_next_day(audited: World):
    before = verdict(audited).entries
    audited.flag(family(2))
    audited.settle()

    assert seal(audited.platform) > 0
    assert verdict(audited).checkpoints == 1
    audited.clock.at = audited.clock.at.replace(day=audited.clock.at.day + 1)
    seal(audited.platform)

    found = verdict(audited)
    assert (found.holds, found.checkpoints) == (True, 2)
    assert found.entries > before


@pytest.mark.parametrize(
    ("changes", "fault", "seq"),
    [
        (["UPDATE history_line SET actor = 'somebody else' WHERE id = 3"], Fault.CHANGED, 3),
        (["UPDATE history_line SET at = '2020-01-01 00:00:00.000000' WHERE id = 2"], Fault.CHANGED, 2),
        (["DELETE FROM history_line WHERE id = 4"], Fault.MISSING, 4),
        (["DELETE FROM audit_link WHERE seq = 5"], Fault.MISSING, 5),
        (
            [
                "UPDATE audit_link SET row_id = -1 WHERE seq = 2",
                "UPDATE audit_link SET row_id = 2 WHERE seq = 3",
                "UPDATE audit_link SET row_id = 3 WHERE seq = 2",
            ],
            Fault.CHANGED,
            2,
        ),
        (["UPDATE audit_link SET hash = previous WHERE seq = 6"], Fault.CHANGED, 6),
        (["DELETE FROM audit_link WHERE seq > 7"], Fault.CUT_OFF, 8),
        (["DELETE FROM audit_link"], Fault.CUT_OFF, 1),
        (["UPDATE ledger_entry SET amount_ore = amount_ore + 1 WHERE id = 1"], Fault.CHANGED, None),
        (["UPDATE release SET alike_seeking = 99"], Fault.CHANGED, None),
        (["UPDATE vault_opening SET opened_for = 'nobody'"], Fault.CHANGED, None),
    ],
)
def test_what_was_changed_deleted_reordered_or_cut_off_is_found(audited: World, changes, fault: Fault, seq: int | None):
    tamper(audited.platform.database, *changes)

    broken = verdict(audited).broken
    assert broken is not None
    assert broken.fault is fault
    assert seq in (None, broken.seq)


def test_a_checkpoint_that_somebody_else_signed_is_found(audited: World):
    audited.flag(family(2))
    seal(audited.platform)
    other = Vault(KeyRing({"k1": bytes(32)}, current="k1"), audited.platform.vault.keys)
    with audited.platform.database.writing() as session:
        assert checkpoint(session, other, now=audited.clock.now()) is not None

    broken = verdict(audited).broken
    assert broken is not None
    assert broken.fault is Fault.FORGED


def test_after_the_vaults_key_was_rotated_both_public_keys_are_needed(audited: World):
    ring = KeyRing({"k1": KEY, "k2": bytes(32)}, current="k2")
    rotated = Vault(ring, audited.platform.vault.keys)
    audited.flag(family(2))
    seal(audited.platform)
    with audited.platform.database.writing() as session:
        assert checkpoint(session, rotated, now=audited.clock.now()) is not None

    both = [verifying_key(audited.platform.vault), verifying_key(rotated)]
    with audited.platform.database.reading() as session:
        assert verified(session, public_keys=both).holds
        broken = [verified(session, public_keys=[one]).broken for one in both]
    assert [found and found.fault for found in broken] == [Fault.FORGED, Fault.FORGED]


def test_every_party_keeps_the_checkpoint_and_so_a_tail_that_was_cut_off_with_our_own_copy_shows(audited: World):
    audited.deliver()
    about = ("Kontrolpunkt", "Checkpoint")
    letters = [letter for letter in audited.mail.letters if letter["Subject"].startswith(about)]
    with audited.platform.database.reading() as session:
        addresses = {known.keeper.email for known in partners(session) if known.keeper}
        kept = [(signed.seq, signed.hash) for signed in kept_checkpoints(session)]
    assert {letter["To"] for letter in letters} == addresses
    assert len(letters) == len(addresses) > 5
    (seq, hash_), *more = kept
    assert not more
    assert all(f"{seq}:{hash_}" in letter.get_body(("plain",)).get_content() for letter in letters)

    tamper(
        audited.platform.database,
        "DELETE FROM outbox WHERE checkpoint_seq IS NOT NULL",
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_link WHERE seq > 7",
    )

    with audited.platform.database.reading() as session:
        assert verified(session).holds
        assert verified(session, kept=kept).broken == Break(8, Fault.CUT_OFF)
        keys = [verifying_key(audited.platform.vault)]
        assert verified(session, public_keys=keys).broken == Break(7, Fault.FORGED)
        assert verified(session, kept=[(3, hash_)]).broken == Break(3, Fault.CHANGED)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_chain_cannot_be_changed_or_deleted_through_us(audited: World, table: str, change: str):
    column = "seq" if table in ("audit_link", "audit_checkpoint") else "id"
    with pytest.raises(DBAPIError, match="append-only"), audited.platform.database.writing() as session:
        session.execute(text(change.format(table, column, column)))


def test_a_stranger_can_verify_an_export_with_nothing_but_python(sqlite_world: World, tmp_path: Path, monkeypatch):
    world = sqlite_world
    world.home()
    world.flag(family())
    world.housed()
    monkeypatch.chdir(tmp_path)
    for name in ("LINK", "PSEUDONYM", "VAULT"):
        monkeypatch.setenv(f"TILFLYT_{name}_KEY", base64.b64encode(KEY).decode())
    monkeypatch.setenv("TILFLYT_DATABASE_URL", str(world.platform.database.engine.url))
    run = CliRunner().invoke
    key = json.loads(run(app, ["audit", "key", "--json"]).stdout)["public_key"]
    made = run(app, ["audit", "export", "out", "--json"])
    assert made.exit_code == 0, made.output
    assert run(app, ["audit", "verify", "--public-key", key]).exit_code == 0
    assert run(app, ["audit", "verify", "--kept", "1:not-its-hash"]).exit_code == 1
    assert "kept" in str(run(app, ["audit", "verify", "--kept", "first"]).exception)

    def stranger(*given: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "out/verify.py", *given]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own file

    assert "holds" in stranger("--public-key", key).stdout
    third = json.loads((tmp_path / "out" / "chain.jsonl").read_text().splitlines()[2])["hash"]
    assert "holds" in stranger("--kept", f"3:{third}").stdout
    assert "entry 3 or one before it was changed" in stranger("--kept", f"3:{'0' * 64}").stdout
    assert "cut off" in stranger("--kept", f"9999:{third}").stdout
    # Two parties whose letters differ: one of them was told something else.
    assert "was changed" in stranger("--kept", f"3:{third}", "--kept", f"3:{'0' * 64}").stdout
    assert "holds" in stranger("--public-key", key, "--public-key", base64.b64encode(bytes(32)).decode()).stdout
    assert run(app, ["audit", "verify", "--kept", f"3:{'0' * 64}", "--kept", f"3:{third}"]).exit_code == 1
    assert stranger("--public-key", base64.b64encode(bytes(32)).decode()).returncode == 1
    chain = tmp_path / "out" / "chain.jsonl"
    lines = chain.read_text().splitlines(keepends=True)
    assert all(identity not in chain.read_text() for identity in who_they_are())
    for changed, told in (
        ([*lines[:4], lines[4].replace('"seq":5', '"seq":5 '), *lines[5:]], "holds"),
        (
            [*lines[:4], lines[4].replace('"at":"2', '"at":"1'), *lines[5:]],
            "entry 5",
        ),
        (lines[:-1], f"entry {len(lines)}"),
        (lines[1:], "entry 1"),
        ([lines[1], lines[0], *lines[2:]], "entry 1"),
    ):
        chain.write_text("".join(changed))
        assert told in stranger().stdout


def who_they_are() -> list[str]:
    """What must never stand in the chain: who the family is."""
    identity = family().identity
    return [identity.adult_name, identity.cpr, identity.email, identity.phone, identity.address]

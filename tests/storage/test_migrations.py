"""From every released schema to the newest one, with data in it, on SQLite and on PostgreSQL."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from domain.audit import Fault
from domain.errors import VaultClosed
from storage.audit.chain import bind
from storage.audit.verdict import verified
from storage.database import Database
from storage.migrate import migrate, newest_version, version_of
from storage.outbox import OutboxRow, OutboxStanding, Telling
from storage.privacy.old_seals import bind_some, not_bound
from storage.questions.questions import Question
from storage.vault.entries import Door, VaultEntry, take_keys_out
from storage.vault.vault import Vault
from tests.storage.filled import RELEASED, fill, written_again
from tests.world.clock import START
from tests.world.new_world import vault_in

RENAMED = {"feed_night": "feed_load", "row_kept_aside": "quarantined_row"}


WITHOUT_DIGITS = [path for path in RELEASED if path.stem < "0018"]


@pytest.mark.parametrize("released", WITHOUT_DIGITS, ids=lambda path: path.stem)
def test_letters_without_digits_are_written_again_to_whom_they_were_sent(empty: Database, released: Path):
    rows = json.loads(released.read_text())
    migrate(empty, to=released.stem)
    fill(empty, rows)
    migrate(empty)

    with empty.reading() as session:
        waiting = OutboxRow.standing == OutboxStanding.WAITING
        again = session.exec(select(OutboxRow).where(OutboxRow.telling == Telling.ANSWER_REMINDER, waiting)).all()
        new = [row for row in again if row.id > max(kept["id"] for kept in rows["outbox"])]
        assert {row.question_id for row in new} == written_again(rows) != set()
        for row in new:
            question = session.get_one(Question, row.question_id)
            assert (row.addressee, row.referral_id) == (str(question.addressee), question.referral_id)


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_every_released_state_goes_forward_with_its_data(empty: Database, released: Path, tmp_path: Path):
    rows = json.loads(released.read_text())
    migrate(empty, to=released.stem)
    fill(empty, rows)

    migrate(empty)
    vault = vault_in(tmp_path)
    bound_later = [entry for entry in rows["vault_entry"] if not entry.get("bound_to_reference")]
    with_its_key = [entry["case_key"] for entry in rows["vault_entry"] if entry["sealed_key"]]
    assert take_keys_out(empty, vault.keys) == len(with_its_key)
    assert take_keys_out(empty, vault.keys) == 0

    assert version_of(empty) == newest_version()
    with empty.writing() as session:
        for table, kept in rows.items():
            count = session.execute(text(f"SELECT COUNT(*) FROM {RENAMED.get(table, table)}")).scalar()  # noqa: S608  # names of tables
            more = len(written_again(rows)) if table == "outbox" else 0
            assert count == len(kept) + more, table
        assert session.exec(select(VaultEntry).where(col(VaultEntry.sealed_key).is_not(None))).first() is None
        while bind(session):
            pass
        # The earlier chain is still valid, and now holds the states of its rows too.
        assert {fault.fault for fault in verified(session).faults} <= {Fault.UNSIGNED}
        assert not_bound(session) == len(bound_later)
    assert all_open(empty, vault, rows) == with_its_key
    reached: str | None = ""
    while reached is not None:
        reached = bind_some(empty, vault, after=reached, now=START)
    with empty.reading() as session:
        assert not_bound(session) == len(bound_later) - len(with_its_key)
    assert all_open(empty, vault, rows) == with_its_key
    with empty.writing() as session:
        session.execute(text("UPDATE question SET answered_by = contact_id WHERE answer IS NOT NULL"))
        assert {(found.fault, found.source) for found in verified(session).faults} >= {(Fault.EDITED, "answer")}


def all_open(database: Database, vault: Vault, rows: dict[str, list[dict[str, object]]]) -> list[object]:
    """The cases whose identity the vault can open."""
    opened = []
    with database.writing() as session:
        for case in rows["referral"]:
            key, reference = str(case["case_key"]), str(case["reference"])
            with suppress(VaultClosed):
                assert vault.open(
                    session, key, Door.RIGHT_OF_ACCESS, reference=reference, opened_for="a test", now=START
                ).adult_name
                opened.append(key)
    return [entry["case_key"] for entry in rows["vault_entry"] if entry["case_key"] in opened]

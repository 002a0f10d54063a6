"""Shredded data cannot be brought back: not from the database, its log, or a backup of either."""

import base64
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from deployments.cli.main import app
from domain.errors import VaultClosed
from storage.attention import AttentionItem
from storage.audit.verdict import verified
from storage.database import Database
from storage.privacy.shredding import Shredding, StillOpen, shred, sweep
from storage.questions.comments import CANNOT_BE_READ, Comment, anything_fresh, comments_on, keep_comment, sealing_key
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.settings import settings
from storage.vault.entries import VaultEntry
from tasks.platform import current
from tasks.upkeep.chain import seal
from tasks.upkeep.seals import lay_comments_to_rest
from tests.storage.vault.opened import NEXT_KEY, opened
from tests.world.families import family
from tests.world.kept import file_of, keys_of
from tests.world.new_world import KEY, keys_in
from tests.world.world import World

SAID = "Skolen er fuld, ring til os"


def shredded(world: World, *, why: str = "retention") -> Shredding:
    of = world.referral()
    return shred(world.platform.database, world.platform.vault, of, by="a test", why=why, now=world.clock.now())


def commented(world: World) -> None:
    """Have a comment written, and sealed by the worker under the case's key."""
    with world.platform.database.writing() as session:
        question = session.exec(select(Question).order_by(col(Question.id))).first()
        key = sealing_key(session)
        assert question is not None
        assert key is not None
        keep_comment(session, question, SAID, key=key, now=world.clock.now())
    with world.platform.database.reading() as session:
        assert anything_fresh(session)
    lay_comments_to_rest(world.platform)


def read_comments(world: World) -> list[str]:
    with world.platform.database.writing() as session:
        found = comments_on(session, world.platform.vault, world.referral(), opened_for="a test", now=world.clock.now())
        return [written for _, written in found]


def test_after_shredding_nobody_learns_who_the_family_is_and_what_happened_is_still_told(world: World):
    world.withdrawn()
    assert opened(world)
    before = len(world.rows(select(HistoryLine)))

    done = shredded(world)

    assert done.key_destroyed_at == world.clock.now()
    with pytest.raises(VaultClosed):
        opened(world)
    assert world.rows(select(VaultEntry)) == []
    assert [(row.referral_id, row.by, row.why) for row in world.rows(select(Shredding))] == [(1, "a test", "retention")]
    assert [line.deed for line in world.rows(select(HistoryLine))][before:] == ["shredded"]
    seal(world.platform)
    with world.platform.database.reading() as session:
        assert verified(session).holds
    assert shredded(world, why="again").why == "retention"


def test_the_data_of_a_case_that_goes_on_are_not_shredded(world: World):
    world.flag(family())

    with pytest.raises(StillOpen):
        shredded(world)
    assert opened(world)


def test_a_backup_of_the_data_does_not_bring_shredded_data_back(sqlite_world: World, tmp_path: Path):
    sqlite_world.withdrawn()
    commented(sqlite_world)
    sealed = sqlite_world.platform.vault.keys.key(sqlite_world.referral().case_key)
    assert sealed is not None
    assert sealed.sealed in every_byte(keys_of(sqlite_world))
    sqlite_world.platform.database.close()
    backup = tmp_path / "backup"
    backup.mkdir()
    for path in Path(file_of(sqlite_world)).parent.glob("tilflyt.sqlite*"):
        shutil.copy(path, backup)

    shredded(sqlite_world)
    lasting = every_byte(file_of(sqlite_world)) + every_byte(keys_of(sqlite_world))
    data = Database(f"sqlite:///{backup / 'tilflyt.sqlite'}")
    restored = replace(sqlite_world, platform=replace(sqlite_world.platform, database=data))

    assert restored.rows(select(VaultEntry.case_key)) == [sqlite_world.referral().case_key]
    with pytest.raises(VaultClosed, match="shredded"):
        opened(restored)
    assert read_comments(restored) == [CANNOT_BE_READ]
    assert sealed.sealed not in lasting
    who = family().identity
    for value in (who.adult_name, who.cpr, who.email, who.phone, who.address, SAID):
        assert value.encode() not in lasting + every_byte(str(backup / "tilflyt.sqlite"))
    # After the backup is put back, the sweep destroys the key again.
    swept = sweep(
        restored.platform.database, restored.platform.vault, forget_at_most=20, by="a test", now=restored.clock.now()
    )
    assert swept.half_shredded == (sqlite_world.referral().case_key,)
    assert restored.rows(select(VaultEntry)) == restored.rows(select(Comment)) == []


def every_byte(file: str) -> bytes:
    """The bytes of a database's file and of its log."""
    return b"".join(path.read_bytes() for path in sorted(Path(file).parent.glob(f"{Path(file).name}*")))


def test_a_comment_goes_with_its_case(world: World):
    world.withdrawn()
    commented(world)
    with world.platform.database.reading() as session:
        assert not anything_fresh(session)
    assert read_comments(world) == [SAID]
    (kept,) = world.rows(select(Comment))

    shredded(world)

    assert world.rows(select(Comment)) == []
    with pytest.raises(VaultClosed, match="shredded"):
        world.platform.vault.unsealed(world.referral().case_key, kept.sealed, "whatever it is bound to", before="")


def test_from_the_command_line(sqlite_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    sqlite_world.withdrawn()
    file = tmp_path / "keys"
    lines = [f"k1={base64.b64encode(KEY).decode()}", "# the next one", f"k2={base64.b64encode(NEXT_KEY).decode()}"]
    file.write_text("\n".join(lines))
    file.chmod(0o600)
    for name, value in {
        "WORLD": "demo",
        "DATABASE_URL": str(sqlite_world.platform.database.engine.url),
        "KEYS_URL": keys_in(tmp_path),
        "LINK_KEY": base64.b64encode(KEY).decode(),
        "PSEUDONYM_KEY": base64.b64encode(KEY).decode(),
        "VAULT_KEYS_FILE": str(file),
        "VAULT_KEY_ID": "k2",
    }.items():
        monkeypatch.setenv(f"TILFLYT_{name}", value)
    settings.cache_clear()
    current.cache_clear()
    run = CliRunner()

    told = run.invoke(app, ["vault", "rotate", "--json"])
    assert (told.exit_code, told.stdout.strip()) == (0, '{"key_id": "k2", "keys": 1}')
    refused = run.invoke(app, ["vault", "shred", "TF-2026-00009"])
    assert refused.exit_code == 1
    shredding = ["vault", "shred", "TF-2026-00001", "--by", "dpo", "--why", "asked for", "--json"]
    # Refused, because the archive has not taken the case over.
    assert run.invoke(app, shredding).exit_code == 1
    assert sqlite_world.rows(select(Shredding)) == []
    done = run.invoke(app, [*shredding, "--although-not-archived"])
    assert done.exit_code == 0
    assert '"why": "asked for"' in done.stdout
    assert sqlite_world.rows(select(Referral.reference)) == ["TF-2026-00001"]
    assert run.invoke(app, ["vault", "sweep", "--json"]).exit_code == 0
    settings.cache_clear()
    current.cache_clear()


def test_one_comment_that_cannot_be_opened_stops_neither_the_others_nor_the_worker(world: World):
    world.withdrawn()
    with world.platform.database.writing() as session:
        questions, key = session.exec(select(Question).order_by(col(Question.id))).all(), sealing_key(session)
        assert key is not None
        for question in questions[:2]:
            keep_comment(session, question, SAID, key=key, now=world.clock.now())
        session.flush()
        broken = session.get_one(Comment, questions[0].id)
        broken.sealed = broken.sealed[:-1]
        session.add(broken)

    lay_comments_to_rest(world.platform)
    lay_comments_to_rest(world.platform)

    assert [row.key_id for row in world.rows(select(Comment).order_by(col(Comment.question_id)))] == ["k1", None]
    assert [item.code for item in world.rows(select(AttentionItem))] == ["vault_closed"]

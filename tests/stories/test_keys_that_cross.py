"""Keys with two workers at once, crashes between the two databases, and old backups: no shredded data become readable.

One case's fault does not stop the work on the others.
"""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from domain.errors import VaultClosed
from domain.referrals.lifecycle import Status
from storage.privacy.retention import record_receipt
from storage.privacy.shredding import Shredding, shred
from storage.questions.comments import (
    CANNOT_BE_READ,
    Comment,
    announce_sealing_key,
    comments_on,
    keep_comment,
    sealing_key,
)
from storage.questions.questions import Question
from storage.vault.data_keys import KeysInUse, KeyStore
from storage.vault.entries import Door, VaultEntry, take_keys_out
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.upkeep.retention import keep_house
from tasks.upkeep.seals import lay_comments_to_rest
from tests.stories.at_one_moment import both, meeting
from tests.world.families import family
from tests.world.new_world import KEY
from tests.world.world import World


def shredded(world: World) -> Shredding:
    platform = world.platform
    return shred(platform.database, platform.vault, world.referral(), by="t", why="t", now=world.clock.now())


def every_byte(keys: KeyStore) -> bytes:
    file = Path(keys.url.removeprefix("sqlite:///"))
    return b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))


def commented(world: World, *, sealed: bytes | None = None) -> None:
    with world.platform.database.writing() as session:
        question = session.exec(select(Question).order_by(col(Question.id))).first()
        keep_comment(session, question, "hej", key=sealing_key(session), now=world.clock.now())
        session.flush()
        if sealed is not None:
            comment = session.get_one(Comment, question.id)
            comment.sealed = sealed
            session.add(comment)


def test_a_backup_from_when_keys_stood_beside_what_they_open_brings_nobody_back(world: World):
    world.withdrawn()
    of, keys = world.referral(), world.platform.vault.keys
    key, (entry,) = keys.key(of.case_key), world.rows(select(VaultEntry))
    shredded(world)
    with world.platform.database.writing() as session:
        values = entry.model_dump() | {"key_id": key.key_id, "sealed_key": key.sealed}
        session.add(VaultEntry(**values))

    take_keys_out(world.platform.database, keys)

    with pytest.raises(VaultClosed), world.platform.database.writing() as session:
        world.platform.vault.open(
            session,
            of.case_key,
            Door.RIGHT_OF_ACCESS,
            reference=of.reference,
            opened_for="t",
            now=world.clock.now(),
        )
    assert keep_house(world.platform).mended == 1
    assert world.rows(select(VaultEntry)) == []


def test_there_is_no_certificate_while_the_keys_bytes_are_in_a_file(sqlite_world: World, monkeypatch):
    world, keys = sqlite_world, sqlite_world.platform.vault.keys
    world.withdrawn()
    sealed = keys.key(world.referral().case_key).sealed
    monkeypatch.setattr("storage.dialect.BUSY_TIMEOUT_MS", 50)
    with sqlite3.connect(keys.url.removeprefix("sqlite:///"), isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM data_key").fetchall()
        # The wait for the log takes as long as the driver's timeout, which is set when it connects.
        keys.close()
        with pytest.raises(KeysInUse):
            shredded(world)
        assert world.rows(select(Shredding)) == []
        reader.execute("COMMIT")
    reader.close()

    assert keep_house(world.platform).mended == 1
    assert len(world.rows(select(Shredding))) == 1
    assert sealed not in every_byte(keys)


def test_two_who_shred_one_family_make_one_certificate(world: World, monkeypatch):
    world.withdrawn()
    meeting(monkeypatch, KeyStore, "leave_no_trace")
    assert both(lambda: shredded(world), lambda: shredded(world)) == []
    assert len(world.rows(select(Shredding))) == 1


def test_data_that_cannot_be_shredded_keep_no_other_familys_data(world: World, monkeypatch):
    world.withdrawn()
    world.flag(family(2))
    with world.platform.database.writing() as session:
        second = world.referral("TF-2026-00002")
        second.status = Status.WITHDRAWN
        session.add(second)
    for reference in ("TF-2026-00001", "TF-2026-00002"):
        with world.platform.database.writing() as session:
            record_receipt(session, world.referral(reference), f"AK-{reference}", by="t", now=world.clock.now())
    destroys, spoiled = KeyStore.destroy, world.referral().case_key

    def destroy(self, case_keys, *, now):
        if spoiled in case_keys:
            raise KeysInUse("busy")
        destroys(self, case_keys, now=now)

    monkeypatch.setattr(KeyStore, "destroy", destroy)
    world.clock.move_on(timedelta(days=1830))

    found = keep_house(world.platform)

    assert (found.shredded, found.not_gone) == (["TF-2026-00002"], ["TF-2026-00001"])


def test_a_key_that_is_used_again_seals_again(world: World):
    ring, keys = {"k1": KEY, "k2": KEY[::-1]}, world.platform.vault.keys
    for hour, current in enumerate(("k1", "k2", "k1"), 1):
        with world.platform.database.writing() as session:
            now = world.clock.now() + timedelta(hours=hour)
            announce_sealing_key(session, Vault(KeyRing(ring, current=current), keys), now=now)
    with world.platform.database.reading() as session:
        assert sealing_key(session).key_id == "k1"


def test_a_comment_that_cannot_be_read_keeps_nobody_from_the_rest(world: World):
    world.withdrawn()
    commented(world, sealed=b"x" * 60)
    with world.platform.database.writing() as session:
        now, vault = world.clock.now(), world.platform.vault
        ((_, written),) = comments_on(session, vault, world.referral(), opened_for="dpo: asked", now=now)
    assert written == CANNOT_BE_READ


def test_comments_that_cannot_be_read_do_not_stand_before_those_that_can(world: World, monkeypatch):
    monkeypatch.setattr("storage.questions.comments.AT_ONCE", 2)
    world.withdrawn()
    with world.platform.database.writing() as session:
        first = session.exec(select(Question).order_by(col(Question.id))).first()
        for number in range(5):
            values = first.model_dump(exclude={"id"}) | {"key": f"k{number}", "token_hash": f"t{number}"}
            another = Question(**values)
            session.add(another)
            session.flush()
            keep_comment(session, another, "hej", key=sealing_key(session), now=world.clock.now())
            session.flush()
            if number < 4:
                comment = session.get_one(Comment, another.id)
                comment.sealed = b"x" * 60
                session.add(comment)

    lay_comments_to_rest(world.platform)

    assert len(world.rows(select(Comment).where(col(Comment.key_id).is_(None)))) == 1


def test_data_that_are_shredded_while_a_comment_is_laid_to_rest_stay_so(world: World, monkeypatch):
    if world.platform.database.is_sqlite:
        pytest.skip("one writer at a time: nothing can come in between")
    world.withdrawn()
    commented(world)
    seals = Vault.sealed

    def then_shredded(self, *given):
        sealed = seals(self, *given)
        shredded(world)
        return sealed

    monkeypatch.setattr(Vault, "sealed", then_shredded)
    lay_comments_to_rest(world.platform)
    assert world.rows(select(Comment)) == []

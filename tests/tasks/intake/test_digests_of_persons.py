"""The digest by which a person is recognised, and how long it is kept."""

from dataclasses import replace
from pathlib import Path

from sqlmodel import select

from storage.attention import AttentionItem
from storage.privacy.shredding import shred
from storage.vault.data_keys import KeyStore
from storage.vault.entries import Door, VaultOpening
from storage.vault.key_encryption import KeyRing
from storage.vault.person_digests import PersonDigest
from storage.vault.vault import Vault
from tasks.path.persons import know_persons
from tests.tasks.intake.same_number import AARHUS, SECOND, open_items
from tests.world.families import family
from tests.world.new_world import KEY, keys_in
from tests.world.world import World


def test_the_digest_says_nothing_without_the_vaults_key_and_outlives_its_rotation(world: World, tmp_path: Path):
    world.flag(family())
    (before,) = world.rows(select(PersonDigest))
    assert family().identity.cpr not in before.digest

    ring = KeyRing({"k1": KEY, "k2": KEY[::-1]}, current="k2")
    rotating = Vault(ring, KeyStore(keys_in(tmp_path)))
    assert sum(rotating.rotate()) == 1
    alone = Vault(KeyRing({"k2": KEY[::-1]}, current="k2"), KeyStore(keys_in(tmp_path)))
    world.platform = replace(world.platform, vault=alone)

    report = world.flag(family(2, identity=family().identity))
    assert (report.taken_in, report.refused) == ((), 1)
    assert know_persons(world.platform) == 0


def test_a_person_is_not_recognised_after_the_cases_data_are_shredded(world: World):
    world.withdrawn()
    assert len(world.rows(select(PersonDigest))) == 1
    platform = world.platform
    shred(platform.database, platform.vault, world.referral(), by="t", why="t", now=world.clock.now())
    assert world.rows(select(PersonDigest)) == []


def test_cases_from_before_the_upgrade_are_known_after_one_pass_through_an_audited_door(world: World):
    world.flag(family())
    world.flag(family(municipality=AARHUS), municipality=AARHUS)
    with world.platform.database.writing() as session:
        for one in (*session.exec(select(PersonDigest)), *session.exec(select(AttentionItem))):
            session.delete(one)

    assert know_persons(world.platform) == 2
    assert know_persons(world.platform) == 0

    assert open_items(world) == [(f"person:{SECOND}", "same_person")]
    openings = world.rows(select(VaultOpening).where(VaultOpening.door == Door.RECOGNITION))
    assert [one.opened_for for one in openings] == ["platform", "platform"]
    assert world.flag(family(2, identity=family().identity)).refused == 1


def test_when_the_keys_come_from_a_backup_without_this_one_it_is_made_anew(world: World):
    world.flag(family())
    world.platform.vault.keys.forget(["persons"])
    assert know_persons(world.platform) == 1
    assert world.flag(family(2, identity=family().identity)).refused == 1

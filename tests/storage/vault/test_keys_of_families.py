"""The families' keys: sealed, rotated, swept, and kept apart."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from domain.errors import VaultClosed
from storage.privacy.shredding import ORPHANED_AFTER, TooMany, orphans, sweep
from storage.settings import WrongSettings, load_settings
from storage.vault.data_keys import KeyStore, SealedKey
from storage.vault.entries import VaultEntry
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.upkeep.retention import keep_house
from tests.storage.vault.opened import NEXT_KEY, opened
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.families import family
from tests.world.new_world import KEY
from tests.world.world import World

BOUND = "opens what is bound to the reference"


@pytest.mark.parametrize("cut", [0, 5, 11, 12, 27, -1])
def test_what_is_cut_short_is_refused_by_its_case(world: World, cut: int):
    world.flag(family())
    with world.platform.database.writing() as session:
        (entry,) = session.exec(select(VaultEntry))
        entry.sealed_identity = entry.sealed_identity[:cut]
        session.add(entry)

    with pytest.raises(VaultClosed, match=world.referral().case_key):
        opened(world)


def test_what_was_sealed_for_another_family_is_refused(world: World):
    world.flag(family(1), family(2))
    with world.platform.database.writing() as session:
        first, second = session.exec(select(VaultEntry).order_by(col(VaultEntry.sealed_at)))
        first.sealed_identity = second.sealed_identity
        session.add(first)

    refused = []
    for reference in ("TF-2026-00001", "TF-2026-00002"):
        try:
            opened(world, reference=reference)
        except VaultClosed as closed:
            refused.append(str(closed))
    assert len(refused) == 1
    assert family(1).identity.adult_name not in refused[0]


def test_rotating_seals_every_key_anew_and_every_family_can_be_opened_all_the_while(world: World):
    world.flag(family(1), family(2), family(3))
    keys = world.platform.vault.keys
    both = Vault(KeyRing({"k1": KEY, "k2": NEXT_KEY}, current="k2"), keys)

    for some in both.rotate(some=2):
        assert 0 < some <= 2
        assert opened(world, both, "TF-2026-00001")
        assert opened(world, both, "TF-2026-00003")

    assert keys.not_under("k2", most=10) == {}
    assert opened(world, Vault(KeyRing({"k2": NEXT_KEY}, current="k2"), keys))
    with pytest.raises(VaultClosed, match="k2"):
        opened(world)
    assert list(both.rotate()) == []


def test_a_flag_that_is_refused_or_known_leaves_no_key(world: World):
    world.flag(family(1), family(2, flagged_by="nobody"))
    world.case_system().families = []
    world.flag(family(1))

    assert list(world.platform.vault.keys.made_before(world.clock.now() + timedelta(days=1))) == [
        world.referral().case_key
    ]


def test_what_a_crash_leaves_between_the_two_databases_is_found_and_mended(world: World):
    world.withdrawn()
    world.flag(family(2), family(3))
    vault, database = world.platform.vault, world.platform.database
    unused = vault.new_keys(1, now=world.clock.now())[0].case_key
    half, lost = world.referral().case_key, world.referral("TF-2026-00002").case_key
    vault.keys.destroy([half], now=world.clock.now())
    vault.keys.forget([lost])
    assert orphans(database, vault, now=world.clock.now()).keys == ()
    world.clock.move_on(ORPHANED_AFTER + timedelta(minutes=1))

    found = sweep(database, vault, forget_at_most=20, by="a test", now=world.clock.now())

    assert (found.keys, found.half_shredded, found.lost) == ((unused,), (half,), (lost,))
    again = sweep(database, vault, forget_at_most=20, by="a test", now=world.clock.now())
    assert (again.keys, again.half_shredded, again.lost) == ((), (), (lost,))
    assert opened(world, reference="TF-2026-00003")


def test_keys_on_postgresql_are_kept_rotated_and_destroyed_alike(world: World, postgres: OwnPostgres, tmp_path: Path):
    name = f"keys_{tmp_path.name.replace('-', '_').lower()[:40]}"
    store = KeyStore(postgres.new_database(name))
    vault = Vault(world.platform.vault.encryption, store)
    one, other = vault.new_keys(2, now=world.clock.now())

    both = Vault(KeyRing({"k1": KEY, "k2": NEXT_KEY}, current="k2"), store)
    assert list(both.rotate()) == [2]
    store.destroy([one.case_key], now=world.clock.now())
    store.destroy([one.case_key], now=world.clock.now() + timedelta(days=1))

    assert store.key(one.case_key) is None
    assert store.destroyed_at(one.case_key) == world.clock.now()
    kept = store.key(other.case_key)
    assert kept is not None
    assert both.encryption.unwrap(kept, bound_to=f"vault_entry|{other.case_key}|sealed_key|{BOUND}") == other.key
    store.rewrap({one.case_key: (SealedKey("k2", b""), SealedKey("k3", b"back"))})
    assert store.key(one.case_key) is None
    store.close()


def test_a_keys_database_that_is_the_platforms_own_is_refused():
    with pytest.raises(WrongSettings, match="keys_url: must be another database"):
        load_settings(database_url="sqlite:///var/x.sqlite", keys_url="sqlite:///var/x.sqlite")


def test_no_key_stands_in_the_platforms_own_database(world: World):
    world.flag(family())
    with world.platform.database.reading() as session:
        beside = session.connection().execute(text("SELECT key_id, sealed_key FROM vault_entry")).all()
    assert [tuple(row) for row in beside] == [(None, None)]


def test_beside_a_wrong_database_no_key_is_let_go(world: World):
    world.flag(*(family(number) for number in range(1, 4)))
    vault, now = world.platform.vault, world.clock.now() + ORPHANED_AFTER + timedelta(minutes=1)
    with world.platform.database.writing() as session:
        session.execute(text("DELETE FROM vault_entry"))

    with pytest.raises(TooMany, match="3 keys have no entry here"):
        sweep(world.platform.database, vault, forget_at_most=2, by="a test", now=now)
    world.clock.at = now
    found = keep_house(world.platform)

    assert (found.unused, found.mended, found.lost) == (3, 0, 0)
    assert len(list(vault.keys.made_before(now))) == 3


def test_one_key_that_cannot_be_opened_keeps_no_other_from_being_rotated(world: World):
    world.flag(family())
    world.flag(family(2))
    world.flag(family(3))
    vault = world.platform.vault
    lost = KeyRing({"gone": bytes(32)}, current="gone")
    ring = {"k1": KEY, "k2": KEY[::-1]}
    with world.platform.database.reading() as session:
        spoiled, *_ = sorted(session.exec(select(VaultEntry.case_key)))
    vault.keys.forget([spoiled])
    vault.keys.lay({spoiled: lost.wrap(bytes(32), bound_to="anything")}, now=world.clock.now())

    with pytest.raises(VaultClosed, match="1 keys"):
        list(Vault(KeyRing(ring, current="k2"), vault.keys).rotate(some=1))

    assert list(vault.keys.not_under("k2", most=9)) == [spoiled]

"""A family that was shredded cannot be brought back: not from the database, its log, or a backup of either."""

import base64
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from typer.testing import CliRunner

from deployments.cli.main import app
from domain.errors import VaultClosed
from storage.attention import AttentionItem
from storage.audit.verdict import verified
from storage.database import Database
from storage.privacy.shredding import ORPHANED_AFTER, Shredding, StillOpen, TooMany, orphans, shred, sweep
from storage.questions.comments import CANNOT_BE_READ, Comment, anything_fresh, comments_on, keep_comment, sealing_key
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.settings import WrongSettings, load_settings, settings
from storage.vault.data_keys import KeyStore, SealedKey
from storage.vault.entries import Door, VaultEntry
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.platform import current
from tasks.upkeep.chain import lay_comments_to_rest, seal
from tasks.upkeep.retention import keep_house
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.families import family
from tests.world.kept import file_of, keys_of
from tests.world.new_world import KEY, keys_in
from tests.world.world import World

NEXT_KEY = bytes(reversed(range(32)))
BOUND = "opens what is bound to the reference"
SAID = "Skolen er fuld, ring til os"


def opened(world: World, vault: Vault | None = None, reference: str = "TF-2026-00001") -> str:
    of = world.referral(reference).case_key
    with world.platform.database.writing() as session:
        who = (vault or world.platform.vault).open(
            session, of, Door.RIGHT_OF_ACCESS, reference=reference, opened_for="a test", now=world.clock.now()
        )
        return who.adult_name


def shredded(world: World, *, why: str = "retention") -> Shredding:
    of = world.referral()
    return shred(world.platform.database, world.platform.vault, of, by="a test", why=why, now=world.clock.now())


def commented(world: World) -> None:
    """Somebody has written a comment, and the worker has laid it to rest."""
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


def test_a_shredded_family_is_nobody_and_what_happened_is_still_told(world: World):
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


def test_a_family_whose_case_goes_on_is_not_shredded(world: World):
    world.flag(family())

    with pytest.raises(StillOpen):
        shredded(world)
    assert opened(world)


def test_a_backup_of_the_data_does_not_bring_a_shredded_family_back(sqlite_world: World, tmp_path: Path):
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
    # Brought back into service, the backup is put right again.
    swept = sweep(
        restored.platform.database, restored.platform.vault, forget_at_most=20, by="a test", now=restored.clock.now()
    )
    assert swept.half_shredded == (sqlite_world.referral().case_key,)
    assert restored.rows(select(VaultEntry)) == restored.rows(select(Comment)) == []


def every_byte(file: str) -> bytes:
    """A database's file and its log."""
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
    # The archive has not got it.
    assert run.invoke(app, shredding).exit_code == 1
    assert sqlite_world.rows(select(Shredding)) == []
    done = run.invoke(app, [*shredding, "--although-not-archived"])
    assert done.exit_code == 0
    assert '"why": "asked for"' in done.stdout
    assert sqlite_world.rows(select(Referral.reference)) == ["TF-2026-00001"]
    assert run.invoke(app, ["vault", "sweep", "--json"]).exit_code == 0
    settings.cache_clear()
    current.cache_clear()


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

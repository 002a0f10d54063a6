"""The file with the list of destroyed keys."""

import os
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from deployments.doctor.doctor import destroyed
from storage.settings import load_settings
from storage.vault.data_keys import KeyStore, SealedKey
from storage.vault.destroyed import DestroyedKeys, destroyed_keys
from tests.world.clock import START
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.new_world import keys_in

KEY_OF = "0123456789abcdef0123456789abcdef"


def test_the_file_is_its_owners_alone_and_so_is_its_folder(tmp_path: Path):
    before = os.umask(0)
    try:
        keys = DestroyedKeys(tmp_path / "apart" / "destroyed")
        keys.add({KEY_OF: START})
    finally:
        os.umask(before)

    assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(keys.file.parent.stat().st_mode) == 0o700
    keys.file.chmod(0o666)
    keys.add({KEY_OF[::-1]: START})
    assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600


def test_a_line_that_a_crash_has_cut_short_spoils_no_other(tmp_path: Path):
    keys = DestroyedKeys(tmp_path / "destroyed")
    keys.add({KEY_OF: START})
    whole = keys.file.read_bytes()
    for cut in range(len(whole)):
        keys.file.write_bytes(whole + whole.replace(b"0123", b"9999")[:cut])
        keys.add({KEY_OF[::-1]: START + timedelta(days=1)})
        again = DestroyedKeys(keys.file)
        assert {KEY_OF: START, KEY_OF[::-1]: START + timedelta(days=1)}.items() <= again.all().items()


def test_what_another_process_has_added_is_seen_at_once(tmp_path: Path):
    one, other = DestroyedKeys(tmp_path / "destroyed"), DestroyedKeys(tmp_path / "destroyed")
    assert one.all() == {}
    other.add({KEY_OF: START})
    assert one.all() == {KEY_OF: START}


def test_many_at_once_lose_nothing(tmp_path: Path):
    ids = [f"{number:032x}" for number in range(64)]

    def add(some: list[str]) -> None:
        for one in some:
            DestroyedKeys(tmp_path / "destroyed").add({one: START})

    threads = [threading.Thread(target=add, args=(ids[first::8],)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert DestroyedKeys(tmp_path / "destroyed").all().keys() == set(ids)


def test_keys_on_postgresql_brought_back_are_closed_and_destroyed_again(postgres: OwnPostgres, tmp_path: Path):
    name = f"destroyed_{tmp_path.name.replace('-', '_').lower()[:40]}"
    file = DestroyedKeys(tmp_path / "apart" / "destroyed")
    store = KeyStore(postgres.new_database(name), file)
    store.lay({KEY_OF: SealedKey("k1", b"sealed")}, now=START)
    store.close()
    backup = KeyStore(postgres.new_database(f"{name}_old", template=name), file)
    store.destroy([KEY_OF], now=START)

    assert store.destroyed_at(KEY_OF) == backup.destroyed_at(KEY_OF) == START
    without = KeyStore(backup.url)
    assert without.key(KEY_OF) is not None
    assert backup.key(KEY_OF) is None
    assert backup.brought_back() == [KEY_OF]
    backup.destroy([KEY_OF], now=START + timedelta(days=1))
    assert backup.brought_back() == []
    assert without.key(KEY_OF) is None
    for one in (store, backup, without):
        one.close()


def test_where_the_file_lies_unless_it_is_told(tmp_path: Path):
    on_sqlite = load_settings(_env_file=None, keys_url=keys_in(tmp_path))
    assert destroyed_keys(on_sqlite).file == tmp_path / "not-in-backup" / "destroyed-keys"
    told = load_settings(_env_file=None, destroyed_file=tmp_path / "x")
    assert destroyed_keys(told).file == tmp_path / "x"
    on_postgresql = load_settings(_env_file=None, keys_url="postgresql+psycopg://x@y/z")
    assert destroyed_keys(on_postgresql).file == Path("var/not-in-backup/destroyed-keys")


def test_the_doctor_says_when_the_file_lies_in_a_databases_own_folder(tmp_path: Path):
    apart = {"database_url": f"sqlite:///{tmp_path / 'tilflyt.sqlite'}", "keys_url": keys_in(tmp_path)}
    assert "must be in no backup" in destroyed(load_settings(_env_file=None, **apart))
    beside = load_settings(_env_file=None, destroyed_file=tmp_path / "destroyed-keys", **apart)
    with pytest.raises(LookupError, match="TILFLYT_DESTROYED_FILE"):
        destroyed(beside)

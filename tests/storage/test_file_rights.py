"""Only the owner may read a SQLite database's files, whatever the umask and whatever their rights were before."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from deployments.doctor.doctor import file_rights
from storage.database import Database, files_of
from storage.migrate import migrate
from storage.settings import load_settings
from storage.vault.data_keys import KeyStore
from tests.world.clock import START
from tests.world.new_world import vault_in
from tests.world.world import World

NAMES = ("", "-wal", "-shm")


@pytest.fixture(params=[0o000, 0o022, 0o077])
def mask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def rights(file: Path) -> dict[str, int]:
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in files_of(file)}


def test_a_database_and_what_lies_beside_it_are_made_for_their_owner_alone(tmp_path: Path, mask: None):
    file = tmp_path / "deep" / "tilflyt.sqlite"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    with database.writing() as session:
        session.execute(text("CREATE TABLE more (x)"))
        assert rights(file) == {f"tilflyt.sqlite{name}": 0o600 for name in NAMES}
    database.close()
    assert set(rights(file).values()) == {0o600}


def test_the_keys_database_is_made_for_its_owner_alone(tmp_path: Path, mask: None):
    vault = vault_in(tmp_path)
    vault.new_keys(1, now=START)
    assert set(rights(tmp_path / "keys.sqlite").values()) == {0o600}
    vault.keys.close()


def test_wider_ones_from_before_are_narrowed_while_they_are_used(tmp_path: Path):
    file = tmp_path / "tilflyt.sqlite"
    first = Database(f"sqlite:///{file}")
    with first.writing() as session:
        session.execute(text("CREATE TABLE line (who)"))
        for one in files_of(file):
            one.chmod(0o664)
    assert len(files_of(file)) == 3

    second = Database(f"sqlite:///{file}")
    with second.writing() as session:
        session.execute(text("INSERT INTO line VALUES ('x')"))

    assert rights(file) == {f"tilflyt.sqlite{name}": 0o600 for name in NAMES}
    for database in (first, second):
        database.close()


def test_the_doctor_says_which_files_others_may_read(sqlite_world: World, tmp_path: Path):
    url, keys = str(sqlite_world.platform.database.engine.url), tmp_path / "keys.sqlite"
    settings = load_settings(_env_file=None, database_url=url, keys_url=f"sqlite:///{keys}")
    for one in (Path(sqlite_world.platform.database.engine.url.database), keys):
        one.chmod(0o600)
    assert "nobody but" in file_rights(settings)

    keys.chmod(0o640)
    with pytest.raises(LookupError, match=r"keys\.sqlite.*chmod 600"):
        file_rights(settings)


def test_a_store_without_a_file_has_none(tmp_path: Path):
    assert files_of(tmp_path / "nowhere.sqlite") == []
    KeyStore(f"sqlite:///{tmp_path / 'never.sqlite'}")
    assert not (tmp_path / "never.sqlite").exists()

"""A wrong key of the right form is noticed at the start, by `doctor` and by every command that uses it."""

import base64
import json
from dataclasses import replace

import pytest
from sqlmodel import select

from deployments.worker.worker import Worker
from storage.audit.events import AuditEvent
from storage.settings import Settings, load_settings
from storage.vault.key_checks import KeyCheck, WrongKey, remember_keys
from tasks.platform import platform_of
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.new_world import KEY
from tests.world.world import World

OTHER = base64.b64encode(bytes(32)).decode()
LINK, PSEUDONYM = (base64.b64encode(key).decode() for key in (KEY, KEY[::-1]))


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    folder = tmp_path / "here"
    folder.mkdir()
    return CommandLine(sqlite_world, monkeypatch, capsys, folder)


def started(world: World) -> None:
    """A worker has started once, with the right keys."""
    with world.platform.database.writing() as session:
        # Twice, as with two workers.
        for _ in range(2):
            remember_keys(session, world.platform.check_values(), now=world.clock.now())


def said_by_doctor(tilflyt: CommandLine) -> tuple[bool, str]:
    found = next(one for one in json.loads(tilflyt("doctor", "--json", code=1)) if one["check"] == "keys")
    return found["well"], found["seen"]


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"LINK_KEY": OTHER}, "TILFLYT_LINK_KEY is not the key that this installation has used since 2026-03-02"),
        ({"PSEUDONYM_KEY": OTHER}, "TILFLYT_PSEUDONYM_KEY is not the key"),
        ({"VAULT_KEY": OTHER}, "TILFLYT_VAULT_KEY (the vault key k1) is not the key"),
        (
            {"LINK_KEY": PSEUDONYM, "PSEUDONYM_KEY": LINK},
            "TILFLYT_LINK_KEY holds the installation's TILFLYT_PSEUDONYM_KEY: put each in its place",
        ),
    ],
)
def test_another_key_stops_the_worker_the_deliverer_and_every_command_that_uses_it(
    tilflyt: CommandLine, monkeypatch, keys: dict[str, str], says: str
):
    started(tilflyt.world)
    assert said_by_doctor(tilflyt)[0]
    for name, key in keys.items():
        monkeypatch.setenv(f"TILFLYT_{name}", key)

    for command in (("worker",), ("serve",), ("vault", "sweep"), ("audit", "checkpoint"), ("vault", "rotate")):
        told = tilflyt(*command, code=1)
        assert told.startswith("wrong_key: ")
        assert says in told
        assert not any(key in told for key in keys.values())
        # A vault key is never replaced under the same id, so the command is not suggested for one.
        assert ("tilflyt keys replaced" in told) == ("VAULT_KEY" not in keys and len(keys) == 1)
        assert ("`tilflyt vault rotate`" in told) == ("VAULT_KEY" in keys)
    well, seen = said_by_doctor(tilflyt)
    assert not well
    assert says in seen
    # The deliverer makes its platform so.
    with pytest.raises(WrongKey):
        platform_of(load_settings())


def test_a_vault_key_that_opens_nothing_is_noticed_before_any_worker_has_remembered_it(tilflyt, monkeypatch):
    tilflyt.world.flag(family())
    monkeypatch.setenv("TILFLYT_VAULT_KEY", OTHER)
    assert "the key k1 is not the one under which the families' keys are sealed" in tilflyt("worker", code=1)
    assert "the key k1 is not the one" in said_by_doctor(tilflyt)[1]

    monkeypatch.setenv("TILFLYT_VAULT_KEY_ID", "k2")
    assert "the families' keys are sealed under k1, which is not at hand" in tilflyt("vault", "sweep", code=1)


def test_the_endpoint_holds_what_keys_it_has_against_those_of_before(tilflyt: CommandLine, monkeypatch):
    """The endpoint needs no key; it runs with a wrong one, which is noticed when a worker starts with the same."""
    started(tilflyt.world)
    served = []
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: served.append(True))
    for name in ("VAULT_KEY", "PSEUDONYM_KEY", "LINK_KEY"):
        tilflyt("serve")
        monkeypatch.delenv(f"TILFLYT_{name}")
    tilflyt("serve")
    assert len(served) == 4
    file = tilflyt.folder / "keys"
    file.touch(mode=0o600)
    file.write_text(f"k1={OTHER}\n")
    monkeypatch.setenv("TILFLYT_VAULT_KEYS_FILE", str(file))
    assert "TILFLYT_VAULT_KEY (the vault key k1) is not the key" in tilflyt("serve", code=1)
    assert len(served) == 4


def test_a_keys_database_without_the_key_that_partners_are_told_under_stops_the_worker(tilflyt: CommandLine):
    """A keys' database from a backup before that key was made: every posting would get another idempotency key."""
    world = tilflyt.world
    started(world)
    world.platform.vault.keys.forget(["told_once"])

    told = tilflyt("worker", code=1)
    assert "does not hold the key under which this installation tells partners what must be done once" in told
    assert not said_by_doctor(tilflyt)[0]

    assert "told_once is this installation's" in tilflyt("keys", "replaced", "told_once", "--by", "Maria Hansen")
    assert said_by_doctor(tilflyt)[0]


def test_another_key_in_the_vault_is_known_for_another(tilflyt: CommandLine):
    world = tilflyt.world
    started(world)
    world.platform.vault.keys.forget(["told_once"])
    world.platform.vault.told_key(now=world.clock.now())
    told = tilflyt("worker", code=1)
    assert "the key in the vault under which partners are told once is not the key" in told
    assert "put its keys' database back" in told


def test_a_rotation_goes_on_as_before_and_so_does_a_replaced_link_key(tilflyt: CommandLine, monkeypatch):
    world = tilflyt.world
    world.flag(family())
    started(world)
    file = tilflyt.folder / "keys"
    file.touch(mode=0o600)
    file.write_text(f"k1={LINK}\nk2={OTHER}\n")
    monkeypatch.delenv("TILFLYT_VAULT_KEY")
    monkeypatch.setenv("TILFLYT_VAULT_KEYS_FILE", str(file))
    monkeypatch.setenv("TILFLYT_VAULT_KEY_ID", "k2")

    assert "1 keys were sealed anew" in tilflyt("vault", "rotate")
    file.write_text(f"k2={OTHER}\n")
    tilflyt("vault", "sweep")

    monkeypatch.setenv("TILFLYT_LINK_KEY", OTHER)
    assert "tilflyt keys replaced link_key" in tilflyt("vault", "sweep", code=1)
    assert "link_key is this installation's" in tilflyt("keys", "replaced", "link_key", "--by", "Maria Hansen")
    tilflyt("vault", "sweep")
    assert "link_key is the same as before" in tilflyt("keys", "replaced", "link_key")
    assert "a vault key is never replaced in its place" in tilflyt("keys", "replaced", "vault_key:k2", code=1)
    deed = world.rows(select(AuditEvent).where(AuditEvent.deed == "key_replaced"))
    assert [(one.about, one.actor.partition(" (")[0]) for one in deed] == [("key:link_key", "Maria Hansen")]


def test_a_worker_remembers_its_keys_at_its_start(world: World, monkeypatch):
    worker = Worker(replace(world.platform), Settings())
    worker.stopping.set()
    monkeypatch.setattr("signal.signal", lambda *_: None)
    worker.run()
    worker.run()

    assert {one.name for one in world.rows(select(KeyCheck))} == {
        "link_key",
        "pseudonym_key",
        "told_once",
        "vault_key:k1",
    }

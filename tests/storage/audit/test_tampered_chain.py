"""A chain that was changed, cut off, left out or written anew."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from domain.audit import GENESIS, Break, Fault, hash_of
from storage.audit.chain import chain, sources
from storage.audit.checkpoints import verifying_key
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tests.storage.audit.verdicts import EMPTIED, chained_anew, found_in, house_and_seal, tamper, verdict
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.new_world import KEY, keys_in
from tests.world.world import World

STRANGERS = KeyRing({"k1": bytes(32)}, current="k1")

audited = world_after(house_and_seal)


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Runs `tilflyt audit verify` on a world."""

    def told_of(world: World, *given: str, vault_key: bytes | None = KEY) -> Result:
        monkeypatch.chdir(tmp_path)
        url = world.platform.database.engine.url.render_as_string(hide_password=False)
        for name, value in (("DATABASE_URL", url), ("KEYS_URL", keys_in(tmp_path))):
            monkeypatch.setenv(f"TILFLYT_{name}", value)
        monkeypatch.setenv("TILFLYT_VAULT_KEY", base64.b64encode(vault_key).decode() if vault_key else "")
        return CliRunner().invoke(app, ["audit", "verify", *given])

    return told_of


OF_HISTORY = "SELECT seq FROM audit_link WHERE source = 'history' AND row_id = {}"
TURNED = "UPDATE audit_link SET row_id = {to} WHERE source = 'history' AND row_id = {of}"


@pytest.mark.parametrize(
    ("changes", "fault", "at"),
    [
        (["UPDATE history_line SET actor = 'somebody else' WHERE id = 3"], Fault.CHANGED, OF_HISTORY.format(3)),
        (
            ["UPDATE history_line SET at = '2020-01-01 00:00:00.000000' WHERE id = 2"],
            Fault.CHANGED,
            OF_HISTORY.format(2),
        ),
        (["DELETE FROM history_line WHERE id = 4"], Fault.MISSING, OF_HISTORY.format(4)),
        (["DELETE FROM audit_link WHERE seq = 5"], Fault.MISSING, "SELECT 5"),
        (
            [TURNED.format(of=2, to=-1), TURNED.format(of=3, to=2), TURNED.format(of=-1, to=3)],
            Fault.CHANGED,
            OF_HISTORY.format(3),
        ),
        (["UPDATE audit_link SET hash = previous WHERE seq = 6"], Fault.CHANGED, "SELECT 6"),
        (["UPDATE audit_link SET source = 'nothing' WHERE seq = 6"], Fault.MISSING, "SELECT 6"),
        (["DELETE FROM audit_link WHERE seq > 7"], Fault.CUT_OFF, "SELECT 8"),
        (["DELETE FROM audit_link"], Fault.CUT_OFF, "SELECT 1"),
        (["UPDATE ledger_entry SET amount_ore = amount_ore + 1 WHERE id = 1"], Fault.CHANGED, None),
        (["UPDATE release SET alike_seeking = 99"], Fault.CHANGED, None),
        (["UPDATE vault_opening SET opened_for = 'nobody'"], Fault.CHANGED, None),
        (["UPDATE chained_states SET digests = '{}'"], Fault.CHANGED, None),
    ],
)
def test_what_was_changed_deleted_reordered_or_cut_off_is_found(
    audited: World, changes, fault: Fault, at: str | None, told
):
    tamper(audited.platform.database, *changes)

    broken = verdict(audited).broken
    assert broken is not None
    assert broken.fault is fault
    with audited.platform.database.reading() as session:
        assert at is None or session.execute(text(at)).scalar_one() == broken.seq
    said = told(audited)
    assert said.exit_code == 1
    assert str(broken) in said.stdout


@pytest.mark.parametrize("more", [(), ("DELETE FROM chained_states",), ("DELETE FROM history_line",)])
def test_a_chain_that_was_emptied_with_its_checkpoints_does_not_hold(audited: World, more: tuple[str, ...], told):
    tamper(audited.platform.database, *EMPTIED, *more)

    said = told(audited)
    assert said.exit_code == 1
    assert "No checkpoint signs the chain" in said.stdout
    assert "Somebody left them out" in said.stdout


def test_when_nothing_but_cases_is_left_the_chain_does_not_hold(audited: World):
    tamper(audited.platform.database, *EMPTIED, *(f"DELETE FROM {table.name}" for table in sources().values()))  # noqa: S608  # our tables

    assert {fault for fault, _ in found_in(audited)} == {Fault.UNKNOWN}


def test_a_chain_that_was_written_anew_and_signed_by_a_stranger_does_not_hold(audited: World, told):
    chained_anew(audited, STRANGERS, "UPDATE history_line SET actor = 'somebody else' WHERE id = 3")

    said = told(audited)
    assert said.exit_code == 1
    assert "signed with a key that is not known here" in said.stdout
    strangers = base64.b64encode(verifying_key(Vault(STRANGERS, audited.platform.vault.keys))).decode()
    # With the stranger's public key given, the chain counts as valid.
    assert told(audited, "--public-key", strangers).exit_code == 0


def test_a_signature_that_is_none_does_not_hold(audited: World, told):
    tamper(audited.platform.database, "UPDATE audit_checkpoint SET signature = public_key")

    assert "or not at all" in told(audited).stdout


def test_a_row_that_was_left_out_of_a_chain_that_holds_otherwise_is_named(audited: World, told):
    (line,) = audited.rows(text("SELECT * FROM history_line WHERE id = 4"))
    own = audited.platform.vault.encryption
    chained_anew(audited, own, "DELETE FROM history_line WHERE id = 4")
    values = dict(line._mapping)
    with audited.platform.database.writing() as session:
        names = ", ".join(values)
        session.execute(
            text(f"INSERT INTO history_line ({names}) VALUES ({', '.join(f':{name}' for name in values)})"),  # noqa: S608  # names of columns
            values,
        )

    assert found_in(audited) == [(Fault.LEFT_OUT, "history")]
    said = told(audited)
    assert said.exit_code == 1
    assert "not in the chain though a minute has passed: 1; the first is history 4" in said.stdout


@pytest.mark.parametrize("number", [-7, 100])
def test_a_row_that_is_dated_ahead_or_numbered_low_cannot_wait_for_ever(audited: World, number: int):
    now = audited.clock.now()
    with audited.platform.database.writing() as session:
        session.execute(
            text(
                "INSERT INTO history_line (id, referral_id, at, actor, deed)"
                " VALUES (:id, 1, '2099-01-01 00:00:00.000000', 'nobody', 'moved_in')"
            ),
            {"id": number},
        )

    assert verdict(audited, bound_before=now).broken == Break(0, Fault.LEFT_OUT, "history", number)


def test_what_was_done_within_a_minute_may_wait(audited: World):
    audited.clock.move_on(timedelta(hours=1))
    audited.flag(family(2))
    now = audited.clock.now()

    waits = verdict(audited, bound_before=now - timedelta(minutes=1))
    assert waits.holds
    assert waits.unchained > 0
    assert verdict(audited, bound_before=now).broken.fault is Fault.LEFT_OUT


def test_a_row_that_was_edited_with_its_own_hash_breaks_the_chain_after_it(audited: World, told):
    tamper(audited.platform.database, "UPDATE history_line SET actor = 'somebody else' WHERE id = 3")
    with audited.platform.database.reading() as session:
        previous = GENESIS
        for link, facts in chain(session):  # noqa: B007  # what it ends at
            if (link.source, link.row_id) == ("history", 3):
                break
            previous = link.hash
    fitting = hash_of(link.seq, "history", previous, facts)
    tamper(audited.platform.database, f"UPDATE audit_link SET hash = '{fitting}' WHERE seq = {link.seq}")  # noqa: S608  # a hash

    assert verdict(audited).broken.fault is Fault.OUT_OF_ORDER
    assert verdict(audited).broken.seq == link.seq + 1
    assert told(audited).exit_code == 1

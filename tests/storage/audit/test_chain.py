"""Every deed is chained, and every row that is changed, left out, forged or added is found."""

import base64
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from domain.audit import Break, Fault
from storage.audit.chain import anything_unchained, sources
from storage.audit.checkpoints import AuditCheckpoint, checkpoint, checkpoint_is_due, kept_checkpoints, verifying_key
from storage.audit.verdict import verified
from storage.outbox import OutboxRow, Telling
from storage.parties.partners import partners
from storage.vault.entries import Door
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Vault
from tasks.upkeep.chain import seal
from tests.storage.audit.verdicts import chained_anew, house_and_seal, tamper, verdict
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.new_world import KEY, keys_in
from tests.world.world import World

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


def test_every_deed_of_a_case_is_in_the_chain_and_the_chain_holds(audited: World, told):
    found = verdict(audited)

    assert found.faults == ()
    assert found.unchained == 0
    assert found.checkpoints == 1
    with audited.platform.database.reading() as session:
        count = {
            name: session.execute(text(f"SELECT COUNT(*) FROM {table.name}")).scalar_one()  # noqa: S608  # our tables
            for name, table in sources().items()
        }
        deeds = set(session.execute(text("SELECT deed FROM audit_event")).scalars())
        assert not anything_unchained(session)
    assert found.entries == sum(count.values())
    # This case is not archived, its data are not shredded, and no backup was put back; its agreement has the plainest
    # terms, no month is closed, and no case was moved to another version; no posting was corrected, none went in a run.
    none = {"archived", "posted_before", "shredding", "move_in", "closed_period", "settlement", "settled_payment"}
    none |= {"claim", "claim_answered"}
    none |= {"agreement_migration", "migrated_case"}
    none |= {"posting_correction", "posting_run", "posting_run_line"}
    none |= {"invoice", "invoice_response"}
    assert {name for name, entries in count.items() if not entries} == none
    assert {"parties_imported", "disclosure_decided", "disclosed"} <= deeds
    assert seal(audited.platform) == 0
    assert told(audited).exit_code == 0


def test_the_chain_is_signed_every_hour_in_which_it_has_grown(audited: World):
    def signed() -> int:
        return len(audited.rows(select(AuditCheckpoint.seq)))

    audited.clock.move_on(timedelta(minutes=59))
    seal(audited.platform)
    assert signed() == 1

    audited.clock.move_on(timedelta(minutes=1))
    seal(audited.platform)
    assert signed() == 2

    # Nothing was done since, so nothing is signed.
    audited.clock.move_on(timedelta(days=1))
    with audited.platform.database.reading() as session:
        assert not checkpoint_is_due(session, now=audited.clock.now())
    seal(audited.platform)
    assert signed() == 2
    # The chain is signed also after the clock was set back.
    audited.clock.move_on(timedelta(days=-3))
    audited.flag(family(2))
    seal(audited.platform)
    assert signed() == 3


def test_once_a_person_has_opened_the_vault_the_chain_is_signed_at_once(audited: World):
    def opened(door: Door) -> int:
        of = audited.referral()
        with audited.platform.database.writing() as session:
            audited.platform.vault.open(
                session, of.case_key, door, reference=of.reference, opened_for="t", now=audited.clock.now()
            )
        seal(audited.platform)
        return len(audited.rows(select(AuditCheckpoint.seq)))

    assert opened(Door.DISCLOSURE) == 1
    assert opened(Door.RIGHT_OF_ACCESS) == 2
    assert opened(Door.SENDERS_OWN_VIEW) == 3
    assert opened(Door.ADDRESS_FAMILY) == 3


def test_the_parties_are_written_to_once_a_day(audited: World):
    def letters() -> int:
        return len(audited.rows(select(OutboxRow.id).where(OutboxRow.telling == Telling.AUDIT_CHECKPOINT)))

    parties = letters()
    for hours in (1, 2, 3):
        audited.clock.move_on(timedelta(hours=hours))
        audited.flag(family(hours + 1))
        seal(audited.platform)
    assert len(audited.rows(select(AuditCheckpoint.seq))) == 4
    assert letters() == parties > 5

    audited.clock.move_on(timedelta(days=1))
    audited.flag(family(9))
    seal(audited.platform)
    assert letters() == 2 * parties
    assert verdict(audited).holds


def test_after_the_vaults_key_was_rotated_both_public_keys_are_needed(audited: World, told, monkeypatch):
    ring = KeyRing({"k1": KEY, "k2": bytes(32)}, current="k2")
    rotated = Vault(ring, audited.platform.vault.keys)
    audited.flag(family(2))
    seal(audited.platform)
    with audited.platform.database.writing() as session:
        assert checkpoint(session, rotated, now=audited.clock.now()) is not None

    both = [verifying_key(audited.platform.vault), verifying_key(rotated)]
    with audited.platform.database.reading() as session:
        assert verified(session, public_keys=both).holds
        broken = [verified(session, public_keys=[one]).broken for one in both]
    assert [found and found.fault for found in broken] == [Fault.FORGED, Fault.FORGED]
    written = [base64.b64encode(one).decode() for one in both]
    # Only the old key is in the vault; the new one is given, or stands in the settings.
    assert told(audited).exit_code == 1
    assert told(audited, "--public-key", written[1]).exit_code == 0
    monkeypatch.setenv("TILFLYT_AUDIT_PUBLIC_KEYS", f"{written[0]}, {written[1]}")
    assert told(audited).exit_code == 0


def test_without_the_vaults_key_verify_wants_a_public_key_and_says_so(audited: World, told):
    refused = told(audited, vault_key=None)
    assert refused.exit_code == 1
    assert "public-key" in str(refused.exception)
    own = base64.b64encode(verifying_key(audited.platform.vault)).decode()
    assert told(audited, "--public-key", own, vault_key=None).exit_code == 0
    assert "32 bytes" in str(told(audited, "--public-key", own[:-4]).exception)
    assert "kept" in str(told(audited, "--kept", "first").exception)


def test_every_party_keeps_the_checkpoint_and_so_a_chain_that_our_own_sealer_wrote_anew_shows(audited: World, told):
    audited.deliver()
    about = ("Kontrolpunkt", "Checkpoint")
    letters = [letter for letter in audited.mail.letters if letter["Subject"].startswith(about)]
    with audited.platform.database.reading() as session:
        addresses = {known.keeper.email for known in partners(session) if known.keeper}
        kept = [(signed.seq, signed.hash) for signed in kept_checkpoints(session)]
    assert {letter["To"] for letter in letters} == addresses
    assert len(letters) == len(addresses) > 5
    (seq, hash_), *more = kept
    assert not more
    assert all(f"{seq}:{hash_}" in letter.get_body(("plain",)).get_content() for letter in letters)

    tamper(
        audited.platform.database,
        "DELETE FROM audit_checkpoint",
        "DELETE FROM audit_link WHERE seq > 7",
    )
    assert verdict(audited, kept=kept).broken == Break(8, Fault.CUT_OFF)
    assert verdict(audited, kept=[(3, hash_)]).broken == Break(3, Fault.CHANGED)

    # The worst case: rows are changed, the chain is emptied, and our own sealer chains and signs everything again.
    chained_anew(
        audited, audited.platform.vault.encryption, "UPDATE history_line SET actor = 'somebody else' WHERE id = 3"
    )
    assert verdict(audited).holds
    assert verdict(audited, kept=kept).broken == Break(seq, Fault.CHANGED)
    assert told(audited, "--kept", f"{seq}:{hash_}").exit_code == 1

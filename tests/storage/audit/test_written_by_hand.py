"""Rows that somebody wrote into the database by hand."""

import base64

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from domain.audit import Fault
from domain.referrals.household import Identity
from storage.audit.chain import chain
from storage.parties.partners import partners
from storage.privacy.rights import corrected
from tasks.upkeep.chain import seal
from tests.storage.audit.verdicts import found_in, house_and_seal, tamper, verdict
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.new_world import KEY, keys_in
from tests.world.parties import change
from tests.world.world import World

APPEND_ONLY = ("audit_event", "audit_link", "audit_checkpoint", "chained_states", "release")

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


BY_HAND = [
    ("UPDATE question SET answer = 'no', reason = 'home_not_ready' WHERE kind = 'move_in'", Fault.EDITED, "answer"),
    ("UPDATE question SET answered_by = 'somebody' WHERE kind = 'approval'", Fault.EDITED, "answer"),
    ("UPDATE question SET standing = 'open' WHERE kind = 'acceptance'", Fault.EDITED, "answer"),
    ("UPDATE question SET passed_to = 'udlejning-2' WHERE kind = 'offer'", Fault.EDITED, "answer"),
    ("UPDATE question SET token_hash = key WHERE kind = 'approval'", Fault.EDITED, "link"),
    ("UPDATE question SET asked_of = 'municipality:0430' WHERE kind = 'approval'", Fault.EDITED, "question"),
    ("UPDATE consent SET ends_on = '2030-01-01'", Fault.EDITED, "consent"),
    (
        "UPDATE consent SET withdrawn_at = given_on, withdrawn = 'letter', withdrawn_by = 'dpo'",
        Fault.EDITED,
        "consent_ended",
    ),
    ("DELETE FROM consent", Fault.GONE, "consent"),
    ("UPDATE disclosure SET disclosed_at = NULL", Fault.EDITED, "disclosed"),
    ("UPDATE disclosure SET fields = 'adult_name'", Fault.EDITED, "disclosed"),
    ("UPDATE disclosure SET basis = 'another' WHERE to_party LIKE 'assoc%'", Fault.EDITED, "disclosure"),
    (
        "INSERT INTO disclosure (referral_id, offer_id, to_party, fields, basis, decided_at)"
        " SELECT referral_id, offer_id, 'association:kloeverlykken', fields, basis, decided_at FROM disclosure LIMIT 1",
        Fault.UNKNOWN,
        "disclosure",
    ),
    (
        "UPDATE partner_version SET document = replace(document, 'odense.invalid', 'insider.invalid')",
        Fault.EDITED,
        "party",
    ),
    ("UPDATE partner_version SET current = NOT current WHERE id = 1", Fault.EDITED, "current"),
    ("UPDATE agreement_version SET document = replace(document, '4500000', '9500000')", Fault.EDITED, "agreement"),
    ("UPDATE agreement_version SET valid_from = '2020-01-01'", Fault.EDITED, "agreement"),
    ("UPDATE outbox SET addressee = 'association:kloeverlykken' WHERE telling = 'disclose'", Fault.EDITED, "outbox"),
    ("UPDATE outbox SET lane = 'association:kloeverlykken' WHERE telling = 'disclose'", Fault.EDITED, "outbox"),
    ("UPDATE outbox SET entry_id = 1 WHERE telling = 'posting'", Fault.EDITED, "outbox"),
    ("UPDATE outbox SET standing = 'waiting', ended_at = NULL WHERE telling = 'posting'", Fault.EDITED, "told"),
    ("DELETE FROM outbox WHERE telling = 'posting'", Fault.GONE, "outbox"),
    (
        "INSERT INTO outbox (telling, lane, key, addressee, referral_id, offer_id, created_at, standing)"
        " SELECT telling, lane, 'another', 'association:kloeverlykken', referral_id, offer_id, created_at, 'waiting'"
        " FROM outbox WHERE telling = 'disclose'",
        Fault.UNKNOWN,
        "outbox",
    ),
    ("UPDATE vault_entry SET sealed_at = '2020-01-01 00:00:00.000000'", Fault.EDITED, "sealed"),
    ("UPDATE referral SET sending_municipality = '0751'", Fault.EDITED, "case"),
    (
        "INSERT INTO deputy (party, contact_id, deputy_id, from_day, until_day)"
        " VALUES ('municipality:0430', 'x', 'insider', '2026-01-01', '2026-12-31')",
        Fault.UNKNOWN,
        "deputy",
    ),
]


@pytest.mark.parametrize(
    ("change_", "fault", "part"), BY_HAND, ids=[f"{fault}-{change_[:60]}" for change_, fault, _ in BY_HAND]
)
def test_what_somebody_wrote_by_hand_past_the_platform_is_found_and_named(
    audited: World, change_: str, fault: Fault, part: str, told
):
    tamper(audited.platform.database, change_)

    assert (fault, part) in found_in(audited)
    said = told(audited)
    assert said.exit_code == 1
    assert f"the first {'was' if fault is Fault.GONE else 'is'} {part} " in said.stdout


def test_a_consent_whose_withdrawal_was_taken_back_by_hand_is_found(world: World):
    world.withdrawn()
    seal(world.platform)
    assert verdict(world).holds

    tamper(world.platform.database, "UPDATE consent SET withdrawn_at = NULL, withdrawn = NULL, withdrawn_by = NULL")

    assert found_in(world) == [(Fault.EDITED, "consent_ended")]


def test_what_was_put_right_and_what_is_imported_anew_holds_and_the_old_seal_laid_back_is_found(audited: World):
    sealed = "SELECT sealed_identity FROM vault_entry"
    (before,) = audited.rows(text(sealed))
    with audited.platform.database.writing() as session:
        at = audited.clock.now()
        corrected(
            session, audited.platform.vault, audited.referral(), "address_protection", True, opened_for="t", now=at
        )
    change(audited, "association:havblik", "udlejning-1", name="En anden")
    audited.settle()
    seal(audited.platform)
    assert verdict(audited).holds

    # With the old seal, the family's address would no longer be protected.
    with audited.platform.database.writing() as session:
        session.execute(text("UPDATE vault_entry SET sealed_identity = :was"), {"was": before[0]})

    assert found_in(audited) == [(Fault.EDITED, "sealed")]


def test_the_chain_holds_nothing_that_can_be_tried_out(audited: World):
    with audited.platform.database.reading() as session:
        chained = str([facts for _, facts in chain(session)])
        blind = session.execute(text("SELECT blind FROM chained_states WHERE id = 1")).scalar_one()
    identity: Identity = family().identity
    assert blind not in chained
    for value in (identity.adult_name, identity.cpr, identity.email, identity.phone, identity.address):
        assert value not in chained
    with audited.platform.database.reading() as session:
        assert all(person.email not in chained for known in partners(session) for person in known.contacts)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_chain_cannot_be_changed_or_deleted_through_us(audited: World, table: str, change: str):
    column = "seq" if table in ("audit_link", "audit_checkpoint") else "id"
    with pytest.raises(DBAPIError, match="append-only"), audited.platform.database.writing() as session:
        session.execute(text(change.format(table, column, column)))

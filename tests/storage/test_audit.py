"""Everything that is done is bound into the chain; what anybody changes, leaves out, forges or writes is found."""

import base64
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from domain.audit import GENESIS, Break, Fault, hash_of
from domain.referrals.household import Identity
from storage.audit.chain import anything_unchained, bind, chain, sources
from storage.audit.checkpoints import (
    AuditCheckpoint,
    checkpoint,
    checkpoint_is_due,
    kept_checkpoints,
    verifying_key,
)
from storage.audit.verdict import Verdict, verified
from storage.database import Database
from storage.outbox import OutboxRow, Telling
from storage.parties.partners import partners
from storage.privacy.rights import corrected
from storage.vault.key_encryption import KeyRing
from storage.vault.vault import Door, Vault
from tasks.upkeep.chain import seal
from tests.kept import world_after
from tests.world import KEY, World, change, family, keys_in

APPEND_ONLY = ("audit_event", "audit_link", "audit_checkpoint", "chained_states", "release")
STRANGERS = KeyRing({"k1": bytes(32)}, current="k1")


def house_and_seal(world: World) -> None:
    """A family housed, and everything bound and signed."""
    world.home()
    world.flag(family())
    world.housed()
    seal(world.platform)


audited = world_after(house_and_seal)


def verdict(world: World, **given: object) -> Verdict:
    with world.platform.database.snapshot() as session:
        return verified(session, public_keys=[verifying_key(world.platform.vault)], **given)


def found_in(world: World) -> list[tuple[Fault, str]]:
    return [(fault.fault, fault.source) for fault in verdict(world).faults]


def tamper(database: Database, *statements: str) -> None:
    """Change what nobody may, as somebody who owns the database could: its triggers are dropped first."""
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as own:
            for (name,) in own.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                own.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                own.execute(statement)
        return
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What `tilflyt audit verify` says of a world, as one types it."""

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
    # This family is neither archived nor shredded, and no backup was put back.
    assert {name for name, entries in count.items() if not entries} == {"archived", "posted_before", "shredding"}
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

    # Nothing was done since.
    audited.clock.move_on(timedelta(days=1))
    with audited.platform.database.reading() as session:
        assert not checkpoint_is_due(session, now=audited.clock.now())
    seal(audited.platform)
    assert signed() == 2
    # A clock that was put back does not keep the chain from being signed.
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


EMPTIED = ("DELETE FROM audit_link", "DELETE FROM audit_checkpoint")


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


def chained_anew(world: World, by: KeyRing, *changes: str) -> None:
    """An insider changes rows, and writes the whole chain anew as the sealer would; then somebody signs it."""
    tamper(world.platform.database, *EMPTIED, *changes)
    with world.platform.database.writing() as session:
        while bind(session):
            pass
        checkpoint(session, Vault(by, world.platform.vault.keys), now=world.clock.now())


def test_a_chain_that_was_written_anew_and_signed_by_a_stranger_does_not_hold(audited: World, told):
    chained_anew(audited, STRANGERS, "UPDATE history_line SET actor = 'somebody else' WHERE id = 3")

    said = told(audited)
    assert said.exit_code == 1
    assert "signed with a key that is not known here" in said.stdout
    strangers = base64.b64encode(verifying_key(Vault(STRANGERS, audited.platform.vault.keys))).decode()
    # Whoever trusts the stranger is told what they asked for.
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
    # The old key is at hand alone, and the new one is given; or it stands in the settings.
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

    # The worst: rows are changed, the chain is emptied, and our own sealer binds and signs it all again.
    chained_anew(
        audited, audited.platform.vault.encryption, "UPDATE history_line SET actor = 'somebody else' WHERE id = 3"
    )
    assert verdict(audited).holds
    assert verdict(audited, kept=kept).broken == Break(seq, Fault.CHANGED)
    assert told(audited, "--kept", f"{seq}:{hash_}").exit_code == 1


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

    # The family's address would be protected no more.
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

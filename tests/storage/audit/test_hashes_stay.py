"""The parts of an entry's hash must not change: its source's name, its columns and their form.

The hash that a party was told years ago must be computed again from the same row. A new column of a chained table is
listed in `came_later`, and then nothing here changes.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import SQLModel, col, select

import storage.tables  # noqa: F401  # what is chained is read from all tables
from domain.audit import digest_of
from storage.audit.chain import AuditLink, bind, sources
from storage.audit.states import name_of, said
from storage.database import Database
from storage.migrate import migrate
from tests.storage.audit.chained_rows import AT, INVOICES

# One row of each chained table, as SQLite stores it; rows that they refer to need not exist.
ROWS: dict[str, Mapping[str, object]] = {
    "archive_receipt": {"id": 1, "referral_id": 7, "receipt": "AK-1", "by": "archive", "at": AT},
    "audit_event": {"id": 1, "at": AT, "actor": "æ", "deed": "disclosed", "about": "TF-1", "facts": '{"to":"a:b"}'},
    "booking": {"id": 1, "referral_id": 7, "offer_id": 2, "kind": "move_in", "booked_at": AT},
    "chained_states": {"id": 1, "at": AT, "digests": '{"answer:1":"ab","link:2":null}', "blind": "not chained"},
    "history_line": {"id": 1, "referral_id": 7, "at": AT, "actor": "path", "deed": "moved", "to_status": "seeking"},
    "ledger_entry": {"id": 1, "booking_id": 1, "account": "a", "amount_ore": -100},
    "posted_before": {
        "id": 1,
        "party": "municipality:0101",
        "booking": "B-1",
        "reference": "TF-1",
        "kind": "move_in",
        "account": "a",
        "amount_ore": 5,
        "booked_on": "2026-03-01",
        "found_at": AT,
    },
    "release": {
        "id": 1,
        "referral_id": 7,
        "recipient": "association:a",
        "released_at": AT,
        "seen": "{}",
        "steps": "{}",
        "loss": 1,
        "alike_seeking": 2,
        "alike_released": 3,
        "crowd": 4,
        "least": 5,
        "wanted": 6,
    },
    "shredding": {"id": 1, "referral_id": 7, "key_destroyed_at": AT, "by": "housekeeping", "why": "over", "at": AT},
    "vault_opening": {"id": 1, "case_key": "k", "door": "disclosure", "opened_for": "association:a", "at": AT},
    # What came later stands behind, or the hashes of those before it would be others.
    "move_in": {
        "id": 1,
        "offer_id": 2,
        "moved_in_on": "2026-03-02",
        "reserved_on": "2026-02-10",
        "rent_monthly_ore": 700000,
        "received_before": 3,
        "sent_before": 4,
    },
    "closed_period": {"id": 1, "last_day": "2026-02-28", "closed_at": AT, "closed_by": "regnskab-1"},
    "settlement": {"id": 1, "last_day": "2026-02-28", "made_at": AT, "made_by": "regnskab-1"},
    "settled_payment": {
        "id": 1,
        "settlement_id": 1,
        "netted": 1,
        "payer": "municipality:0461",
        "payee": "municipality:0430",
        "amount_ore": 4500000,
    },
    "claim": {
        "id": 1,
        "referral_id": 7,
        "offer_id": 2,
        "agreement_version_id": 1,
        "claimant": "association:havblik",
        "key": "F-17",
        "rule": "refurbishment_guarantee",
        "number": 1,
        "amount_ore": 1234500,
        "evidence_number": "F-17",
        "evidence_digest": "ab",
        "evidence_on": "2026-06-01",
        "claimed_at": AT,
        "claimed_by": "Havblik (os: drift)",
    },
    "claim_answered": {
        "id": 1,
        "claim_id": 1,
        "number": 1,
        "answer": "no",
        "reason": "not_covered",
        "answered_by": "municipality:0461/oekonomi-1",
        "answered_at": AT,
    },
    "agreement_migration": {"id": 1, "to_version_id": 2, "begun_at": AT, "begun_by": "jura-1"},
    "migrated_case": {
        "id": 1,
        "migration_id": 1,
        "referral_id": 7,
        "from_version_id": 1,
        "to_version_id": 2,
        "moved_at": AT,
        "moved_by": "jura-1",
    },
    "posting_state": {
        "id": 1,
        "outbox_id": 9,
        "state": "rejected",
        "reason": "account_closed",
        "heard_from": "call",
        "at": AT,
    },
    "posting_correction": {
        "id": 1,
        "entry_id": 1,
        "number": 1,
        "receiver": "municipality:0461",
        "account_string": "5.33.41",
        "made_at": AT,
        "made_by": "regnskab-1",
    },
    "posting_run": {
        "id": 1,
        "party": "municipality:0461",
        "run_date": "2026-03-02",
        "form": "csv",
        "terms": "{}",
        "made_at": AT,
        "made_by": "bookkeeping",
    },
    "posting_run_line": {"id": 1, "run_id": 1, "outbox_id": 9, "made_at": AT},
    **INVOICES,
}
# Parties hold hashes that were made so: entries are added here and never changed.
HASHES = {
    "archived": "a32b5200feec8b47066b722fb84d90eb49a26ff2a5e876ed69fd06b5f5257f96",
    "event": "bebcf4a0d0d6f72dd9b036dc16e95f6b8a0586d2ad8e60ee9c87786af5838b7f",
    "booking": "d9862661fa0e17c218f4bb39441f6c6093f89ae8679cde5d0c7968909d327c1f",
    "states": "d1077d35c39d1ae5766aa6a12e429ec68e576006f8c1ab464b5a6058817c677a",
    "history": "131c2d200a6f58ca9495e3633684962040ab1ed3bb23c1e001f424c4f0c4dd84",
    "ledger": "1076c11218652913611c61d1b7d88107af39920597084df02af933d3841fe5c0",
    "posted_before": "b01fee7b71247d4953b3344e3f51ed4c4e699d27313248c673bfde68252f343d",
    "release": "75d764bb599aba029bae124ba06aaa85169e1ea7e3e010ebd48d9a23d044f07e",
    "shredding": "99add4e1a7f2fd9e57d6eb86656986ea4ab00566d00e79b87b0e011b1300ff96",
    "opening": "3b2bbf92973b75edcae443353ac4b50fcf45da77ec28ba728917787f6e49c08a",
    "move_in": "0bffa6f6d347def318ac9c32d1814b097f59a492ae1ade3daf90b4cb85c9673a",
    "closed_period": "172cbc8aa32103db7b71686302d1c04b98340360d6498064434884a3cdd771b7",
    "settlement": "14cc3e08fbad3bbcba0f650759c066bc582620bd200ad4d6b5733bca97d2f30d",
    "settled_payment": "53c4dfd23bf0a609430b3e175370f77e407b6f55f6f176fb0d2428a2f3a9850b",
    "claim": "ec0c2fa6dc63faecf6d4068cb4c294546d1ae952dd571ddab054fbb606dbb9ff",
    "claim_answered": "dc45a530a8dbef26a9e53f841237bfcd4f9ba85a86573c0c280190bbc526febb",
    "agreement_migration": "6828331c2bb5946bbe8509080957579e69afc2cdd01039ee23b32f790bb6297a",
    "migrated_case": "f3c8a2dff7e9ab390d358e5b327d71ea3f5a28b795cea16594f8d03230b11650",
    "posting_state": "b6c0566c7e8d8cd94554d26947fbf26dd950b999ed170eb822883426a1e99ddb",
    "posting_correction": "ccaf12bbe5c2e7a1103462c006c49ea4df36650aea494712ff8be516a7afd571",
    "posting_run": "5212834000671792265c7c457cf6b01e5f058a8185824afc6fc1a40651c9b5ee",
    "posting_run_line": "0f162970867b2cde32d2f7a0169bfe122c9e8597190eac97c8573ed7332a8be5",
    "invoice": "8f4466ccde594b4691ed35e4b5e536918b67b93c286cc43b2e9227ae40d7ca35",
    "invoice_response": "badc7b1cd941009d71c44ca327f9018808fba02fd3e67dd47b94efbb807136fb",
}
DIGESTS = {
    "agreement": "7b53ffe1183c013be618c849e242deb642cd050770194e5d4246e52419a8e55e",
    "deputy": "623819c8e9849e310eda642442d47ee635a4647cd4995fbee050771fa5b5572e",
    "party": "e53c99196de239a014ace046a577af05a3715cea68713167d7b1ad9cbe61ef1c",
    "current": "66b84016a769a448af190a5f0f59a6d574b82d1821457e64aad0ffb1eb630c63",
    "sealed": "c5fe43985087732f015507723fe419d76ecf039f9d0ecdbc0f8a4525534ae0e4",
    "area_name": "a8d5d0c12bcba7b6531462ee2858ddf4fb9b1485297f2aa03a0035f8553b19fb",
    "case": "760b2fcb7311a43fb2f13c73f9dea34e3b9353e3e4032088b3874afd56b23b88",
    "consent": "615b6a4f37790939dc11a3088f3945acca4f4dc5547e2561cc13f51a18b866cc",
    "consent_ended": "190708a5f1a03973ef3f074d16cbd6aae4f5e44d70724fd678b4facc2078545f",
    "disclosure": "de35c73e0e703b26653b9365298a1875f293892c8dd63df654100c360811c6b2",
    "disclosed": "046006405dcbe028f1d336d15bca188b7aa54511ed982ac49dd729cca8b87548",
    "question": "5fbf07de1d8f56d924208057e0e8596ea34a410673ccefdfc530093fa6750a9e",
    "link": "587d246f04290f5ff86aa507fca4215fa448037761d70c1556d3df67bd55bdad",
    "answer": "cfbb2569fb59943233196fa368e3d3d91ab23b37e3a20488704c9d03cb18b4f6",
    "taken_back": "8d5d822fe7451bd96533a922736f1c96c11a3160b74d0d9156c6203849dd1d19",
    "outbox": "bd4abda7e457ebd1968f4807fc693646c3b084664375d198b4d06bf38c8d8f8a",
    "told": "159361b967e177664fde94e4a22aac3594e47335e3808c8ee62fb7a59d219d44",
}


@pytest.fixture
def bound(tmp_path: Path) -> dict[str, str]:
    """The hash of each row of `ROWS`, chained one after another, by its source."""
    database = Database(f"sqlite:///{tmp_path / 'chained.sqlite'}")
    migrate(database)
    with closing(sqlite3.connect(tmp_path / "chained.sqlite", isolation_level=None)) as own:
        for (trigger,) in own.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            own.execute(f"DROP TRIGGER {trigger}")
        for table, row in ROWS.items():
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            own.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608  # our tables
            with database.writing() as session:
                assert bind(session) == 1
    with database.reading() as session:
        links = session.exec(select(AuditLink).order_by(col(AuditLink.seq))).all()
    database.close()
    return {link.source: link.hash for link in links}


def test_every_source_has_the_hash_that_it_always_had(bound: dict[str, str]):
    assert bound == HASHES


def test_every_chained_table_is_among_them():
    assert set(HASHES) == set(sources())


def test_every_part_of_a_row_has_the_digest_that_it_always_had():
    digests = {}
    for table in SQLModel.metadata.sorted_tables:
        for part in table.info.get("chained_parts", ()):
            later = table.info.get("came_later", ())
            row = {column.name: None if column.name in later else column.name for column in table.columns}
            digests[part] = digest_of("blind", name_of(table, part, row), said(table, part, row))

    assert digests == DIGESTS

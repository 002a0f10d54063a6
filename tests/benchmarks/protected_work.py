"""The work of protecting the families' data, and the bare operations with which it is compared."""

import os
import random
from dataclasses import asdict, dataclass
from datetime import date

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert
from sqlmodel import select

from domain.anonymity.measure import AnonymityTerms, sought
from domain.anonymity.request import pseudonym
from domain.anonymity.request_groups import Waiting, sending
from domain.audit import Fault, canonical
from domain.referrals.household import FamilyAnswersBy, Language
from domain.referrals.lifecycle import Status
from storage.audit.chain import bind
from storage.audit.verdict import verified
from storage.columns import id_of
from storage.database import Database
from storage.parties.agreements import AgreementVersion
from storage.privacy.releases import write_release
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.vault.cipher import NONCE_BYTES
from storage.vault.entries import Door
from storage.vault.vault import Vault
from tasks.anonymity.crowds import seekers_in
from tests.world.clock import START
from tests.world.families import family
from tests.world.new_world import KEY
from tests.world.world import World

A_TRANSACTION = 50

SPREAD, TRIES = 7, 3
REFERENCE = "TF-2026-00001"


@dataclass(frozen=True, slots=True)
class Size:
    """The number of requests, of associations, of records in the vault, and of entries in the chain."""

    requests: int = 5_000
    associations: int = 50
    records: int = 5_000
    entries: int = 200_000


def seeking(world: World, size: Size) -> None:
    """Have families with realistic differences seek a home."""
    chance = random.Random(SPREAD)  # the same families every time
    with world.platform.database.writing() as session:
        agreement = session.exec(select(AgreementVersion.id)).first()
        rows = [
            {
                "reference": f"TF-2026-{number:05d}",
                "case_key": f"{number:032x}",
                "status": Status.SEEKING,
                "status_since": START,
                "version": 1,
                "attempts": 0,
                "agreement_version_id": agreement,
                "sending_municipality": "0461",
                "flag_id": str(number),
                "case_id": str(number),
                "flagged_by": "sagsbehandler-1",
                "received_at": START,
                "language": Language.DANISH,
                "answers_by": FamilyAnswersBy.LETTER,
                "outside_labour_market": 1,
                "persons": 3,
                "rooms_min": chance.choices((2, 3, 4, 5), (3, 4, 2, 1))[0],
                "rent_max_monthly_ore": chance.randint(600, 1200) * 1000,
                "move_in_from": date(2026, chance.randint(1, 12), 1),
                "step_free": chance.random() < 0.15,
            }
            for number in range(size.requests)
        ]
        session.connection().execute(insert(Referral), rows)


def release_all(world: World, size: Size) -> None:
    """Have the requests that wait for each association sent together, grouped and measured."""
    platform, terms = world.platform, AnonymityTerms()
    with platform.database.reading() as session:
        seekers = seekers_in(session, platform)
        families = session.exec(select(Referral)).all()
    agreement = next(iter(seekers.agreements.values()))
    lines: dict[str, list[Waiting]] = {}
    for one in families:
        waits = Waiting(id_of(one), sought(one.need, region=seekers.region(one.agreement_version_id)))
        lines.setdefault(f"association:{id_of(one) % size.associations}", []).append(waits)
    keys, sent = {one.id: one.case_key for one in families}, 0
    for recipient, waits in lines.items():
        # Each association has homes of its own, and so other families about whom it could be asked.
        seekers.homes["havblik"] = frozenset({*agreement.receiving, recipient})
        crowd = seekers.whom_an_association_may_be_asked_about("havblik", agreement)
        for group in sending(waits, crowd, terms):
            with platform.database.writing() as session:
                for one in group.waits:
                    pseudonym(KEY, recipient=recipient, period="2026Q4", case_key=keys[one.id])
                    write_release(session, one.id, group.found, terms, to=recipient, at=START)
            sent += len(group.waits)
    if sent != len(families):
        raise LookupError("a family that is one of too few")


def bare_pseudonyms(size: Size) -> None:
    """Compute as many pseudonyms, and nothing else."""
    for number in range(size.requests):
        recipient = f"association:{number % size.associations}"
        pseudonym(KEY, recipient=recipient, period="2026Q4", case_key=f"{number:032x}")


def seal_and_open(database: Database, vault: Vault, size: Size) -> None:
    """Seal identities in the vault, and open them."""
    identity, cases = family().identity, list[str]()
    for _ in range(0, size.records, A_TRANSACTION):
        keys = vault.new_keys(A_TRANSACTION, now=START)
        with database.writing() as session:
            for key in keys:
                vault.seal(session, key, identity, reference=REFERENCE, now=START)
        cases += [key.case_key for key in keys]
    for first in range(0, size.records, A_TRANSACTION):
        with database.writing() as session:
            for case_key in cases[first : first + A_TRANSACTION]:
                vault.open(
                    session,
                    case_key,
                    Door.RIGHT_OF_ACCESS,
                    reference=REFERENCE,
                    opened_for="a benchmark",
                    now=START,
                )


def bare_seal_and_open(size: Size) -> None:
    """Run the same ciphers, and nothing else."""
    text, kept = canonical(asdict(family().identity)), []
    for _ in range(size.records):
        key, nonces = AESGCM.generate_key(256), (os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES))
        kept.append((nonces, AESGCM(KEY).encrypt(nonces[0], key, b"k"), AESGCM(key).encrypt(nonces[1], text, b"t")))
    for nonces, sealed_key, sealed in kept:
        AESGCM(AESGCM(KEY).decrypt(nonces[0], sealed_key, b"k")).decrypt(nonces[1], sealed, b"t")


def write_entries(database: Database, size: Size) -> None:
    """Write a chain as long as that of some years."""
    with database.writing() as session:
        line = {"at": START, "actor": "platform", "deed": "asked_offer", "from_status": None, "to_status": None}
        more = {"reason": "association:havblik/udlejning", "flow_run_id": None}
        # The other entries are the requests and openings from before.
        lines = size.entries - size.requests - TRIES * size.records
        rows = ({"referral_id": number % size.requests + 1} | line | more for number in range(lines))
        session.connection().execute(insert(HistoryLine), list(rows))
    bound = lines
    while bound:
        with database.writing() as session:
            bound = bind(session)


def verify(database: Database, size: Size) -> None:
    """Verify the whole chain; fails on other faults than the two expected ones."""
    with database.reading() as session:
        verdict = verified(session)
    # Two faults are expected: the families were inserted directly, and the chain is not signed.
    if {found.fault for found in verdict.faults} != {Fault.UNSIGNED, Fault.UNKNOWN} or verdict.entries < size.entries:
        raise ValueError("the chain does not hold")

"""What protecting the families costs, beside the bare cryptographic operations of the same run.

`python -m tests.benchmarks.privacy`; exit 1 when a figure is missed. 5,000 families seek a home, and what
waits for each of 50 associations is put together by what it may show, measured among all whom that association could be
asked about, and written down as sent; identities are laid in the vault and
taken out of it again; and a chain of 200,000 entries is verified. Everything goes through the database: SQLite is held
to the figures, and PostgreSQL, to which each opening is a journey, is told beside it.
"""

import hashlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert
from sqlmodel import select

from deployments.own_postgres import own_postgres
from domain.anonymity import pseudonym
from domain.audit import Fault, canonical
from domain.household import FamilyAnswersBy, Language
from domain.lifecycle import Status
from domain.release import AnonymityTerms, sought
from domain.sending import Waiting, sending
from storage.audit.chain import bind, chain
from storage.audit.verdict import verified
from storage.database import Database
from storage.migrate import migrate
from storage.parties import AgreementVersion
from storage.referrals import HistoryLine, Referral
from storage.releases import write_release
from storage.sealing import NONCE_BYTES
from storage.vault import Door, Vault
from tasks.crowds import seekers_in
from tests.benchmarks.figures import machine
from tests.world import KEY, START, World, family, world_on

REQUESTS, ASSOCIATIONS, A_TRANSACTION = 5_000, 50, 50
RECORDS, ENTRIES = 5_000, 200_000
RELEASED_WITHIN_S, RECORDS_A_SECOND, VERIFIED_WITHIN_S = 10.0, 10_000, 5.0
SPREAD, TRIES = 7, 3
REFERENCE = "TF-2026-00001"


def timed(deed: Callable[[], object]) -> float:
    """How many seconds something takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def seeking(world: World) -> None:
    """Have families seek a home, as unlike as families are."""
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
            for number in range(REQUESTS)
        ]
        session.connection().execute(insert(Referral), rows)


def release_all(world: World) -> None:
    """Have what waits for each association go out together: grouped, measured among whom it may be asked about."""
    platform, terms = world.platform, AnonymityTerms()
    with platform.database.reading() as session:
        seekers = seekers_in(session, platform)
        families = session.exec(select(Referral)).all()
    agreement = next(iter(seekers.agreements.values()))
    lines: dict[str, list[Waiting]] = {}
    for one in families:
        waits = Waiting(one.id or 0, sought(one.need, region=seekers.region(one.agreement_version_id)))
        lines.setdefault(f"association:{(one.id or 0) % ASSOCIATIONS}", []).append(waits)
    keys, sent = {one.id: one.case_key for one in families}, 0
    for recipient, waits in lines.items():
        # Each has homes of its own, and so a crowd of its own.
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


def bare_pseudonyms() -> None:
    """As many names, and nothing else."""
    for number in range(REQUESTS):
        pseudonym(KEY, recipient=f"association:{number % ASSOCIATIONS}", period="2026Q4", case_key=f"{number:032x}")


def seal_and_open(database: Database, vault: Vault) -> None:
    """Lay identities in the vault, and take them out of it."""
    identity, cases = family().identity, list[str]()
    for _ in range(0, RECORDS, A_TRANSACTION):
        keys = vault.new_keys(A_TRANSACTION, now=START)
        with database.writing() as session:
            for key in keys:
                vault.seal(session, key, identity, reference=REFERENCE, now=START)
        cases += [key.case_key for key in keys]
    for first in range(0, RECORDS, A_TRANSACTION):
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


def bare_seal_and_open() -> None:
    """The same ciphers, and nothing else."""
    text, kept = canonical(asdict(family().identity)), []
    for _ in range(RECORDS):
        key, nonces = AESGCM.generate_key(256), (os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES))
        kept.append((nonces, AESGCM(KEY).encrypt(nonces[0], key, b"k"), AESGCM(key).encrypt(nonces[1], text, b"t")))
    for nonces, sealed_key, sealed in kept:
        AESGCM(AESGCM(KEY).decrypt(nonces[0], sealed_key, b"k")).decrypt(nonces[1], sealed, b"t")


def write_entries(database: Database) -> None:
    """A chain as long as that of some years."""
    with database.writing() as session:
        line = {"at": START, "actor": "platform", "deed": "asked_offer", "from_status": None, "to_status": None}
        more = {"reason": "association:havblik/udlejning", "flow_run_id": None}
        # The others are what was released and opened before.
        lines = ENTRIES - REQUESTS - TRIES * RECORDS
        rows = ({"referral_id": number % REQUESTS + 1} | line | more for number in range(lines))
        session.connection().execute(insert(HistoryLine), list(rows))
    bound = lines
    while bound:
        with database.writing() as session:
            bound = bind(session)


def verify(database: Database) -> None:
    """Read the whole chain, and find it whole."""
    with database.reading() as session:
        verdict = verified(session)
    # The families were written past the platform, and nobody has signed.
    if {found.fault for found in verdict.faults} != {Fault.UNSIGNED, Fault.UNKNOWN} or verdict.entries < ENTRIES:
        raise ValueError("the chain does not hold")


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured on one database, in seconds, each beside its bare operations."""

    released: float
    names: float
    vaulted: float
    ciphers: float
    checked: float
    hashes: float
    entries: int


def quickest(deed: Callable[[], object]) -> float:
    """The quickest of three: what else the machine does only adds."""
    return min(timed(deed) for _ in range(TRIES))


def measure(url: str, folder: Path) -> Cost:
    """Everything on one database, which is made anew."""
    database = Database(url)
    migrate(database)
    world = world_on(database, folder)
    seeking(world)
    released, names = timed(lambda: release_all(world)), quickest(bare_pseudonyms)
    vaulted, ciphers = quickest(lambda: seal_and_open(database, world.platform.vault)), quickest(bare_seal_and_open)
    write_entries(database)
    with database.reading() as session:
        written = [canonical({"facts": facts, "link": asdict(link)}) for link, facts in chain(session)]
    checked = quickest(lambda: verify(database))
    hashes = quickest(lambda: [hashlib.sha256(one).digest() for one in written])
    database.close()
    return Cost(released, names, vaulted, ciphers, checked, hashes, len(written))


def table_of(name: str, cost: Cost) -> Table:
    """The figures of one database."""
    table = Table(name, "seconds", "bare", "of the bare speed")
    for what, ours, bare in (
        (f"{REQUESTS:,} requests to {ASSOCIATIONS} associations; bare: their names", cost.released, cost.names),
        (f"{RECORDS:,} records sealed and opened; bare: the ciphers", cost.vaulted, cost.ciphers),
        (f"{cost.entries:,} entries verified; bare: their hashes", cost.checked, cost.hashes),
    ):
        table.add_row(what, f"{ours:.2f}", f"{bare:.2f}", f"{bare / ours:.2f}")
    return table


def main() -> int:
    """Measure and judge."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="tilflyt-privacy-") as name:
        folder = Path(name)
        for kind in ("sqlite", "postgresql"):
            (folder / kind).mkdir()
        cost = measure(f"sqlite:///{name}/privacy.sqlite", folder / "sqlite")
        with own_postgres(folder / "server") as server:
            beside = measure(server.new_database("privacy"), folder / "postgresql")
    console.print(f"[bold]Protecting the families[/] on {machine('from PyPI')}")
    console.print(table_of("SQLite", cost))
    console.print(table_of("PostgreSQL", beside))
    records = 2 * RECORDS / cost.vaulted
    verdicts = (
        (
            f"{REQUESTS:,} requests in {cost.released:.1f} s, under {RELEASED_WITHIN_S:.0f}",
            cost.released < RELEASED_WITHIN_S,
        ),
        (f"{records:,.0f} records a second, at least {RECORDS_A_SECOND:,}", records >= RECORDS_A_SECOND),
        (
            f"{cost.entries:,} entries in {cost.checked:.1f} s, under {VERIFIED_WITHIN_S:.0f}",
            cost.checked < VERIFIED_WITHIN_S,
        ),
    )
    for told, held in verdicts:
        console.print(f"{'[green]held[/]  ' if held else '[red]missed[/]'} {told}", highlight=False)
    return 0 if all(held for _, held in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())

"""The stages of the path's benchmark: worker, Prefect server and database, with partners in process or over HTTP."""

import asyncio
import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from deployments.demo.browser import browser
from deployments.demo.stage import DESK, PREFECT, WORKER, Stage, staged
from deployments.demo.world import FEEDS, secrets
from deployments.processes import LOOPBACK, Processes, free_port
from deployments.standins.world import Sent, StandInAssociation, StandInWorld
from deployments.worker.prefect_settings import prefect_environment
from domain.feeds.load import LoadStanding
from domain.feeds.row_judge import validated
from domain.parties.ceilings.agreed import Ceilings, FamiliesCeiling
from domain.parties.compensation.model import CompensationTerms
from storage.clock import SystemClock
from storage.database import Database
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.referrals.referrals import Referral
from storage.settings import load_settings
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.feeds import night as syncing
from tasks.intake import intake
from tasks.platform import platform_of
from tests.benchmarks.cohort import ASKED, as_flag, families, homes, spare_homes
from tests.benchmarks.databases import Kind
from tests.benchmarks.people import Hand, posting, recording
from tests.world.new_world import KEY, keys_in, world_on
from tests.world.servers.prefect_home import MIGRATED, migrated_home
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class Cohort:
    """Families that are measured together: their referrals' ids, in the order in which they are answered."""

    name: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A running platform, the referrals in it, and how people answer."""

    database: Database
    pids: Mapping[str, int]
    cohorts: Mapping[str, Cohort]
    hand: Hand
    together: int = 1
    as_before: tuple[str, ...] = ()


def peopled(world: World, name: str, first: int, count: int) -> Cohort:
    """Store homes for families, and take the families in as flags."""
    today = datetime.now(UTC).date()
    stock(world.platform.database, homes(first, count, today))
    taken = [
        reference
        for code, flagged in families(first, count, today).items()
        for reference in world.flag(*flagged, municipality=code).taken_in
    ]
    with world.platform.database.reading() as session:
        query = select(Referral.id).where(col(Referral.reference).in_(taken)).order_by(col(Referral.id))
        return Cohort(name, tuple(id_ or 0 for id_ in session.exec(query)))


def stock(database: Database, found: Iterable[tuple[str, Sent]]) -> None:
    """Store homes, as syncing the associations' feeds would."""
    with database.writing() as session:
        session.add_all(_vacancy(association, row) for association, row in found)


def on_plain_terms(database: Database) -> None:
    """Have families flagged from now on under two amounts each, as the bare loop books them.

    Its yearly ceilings are counted, and too high to be reached.
    """
    with database.writing() as session:
        kept = session.exec(select(AgreementVersion).where(AgreementVersion.agreement_id == "oestjylland")).one()
        plain = CompensationTerms(5_000_000, 1_000_000, 365)
        high = Ceilings(families=(FamiliesCeiling(at_most=1_000_000),))
        agreement = replace(AGREEMENTS.validate_json(kept.document), version=2, compensation=plain, ceilings=high)
        remember_agreement(session, agreement, now=datetime.now(UTC))


def _vacancy(association: str, row: Sent) -> Vacancy:
    values = {name: value for name, value in validated(row).items() if name not in ("area", "status")}
    now = datetime.now(UTC)
    return Vacancy(association=association, standing=VacancyStanding.AVAILABLE, first_seen=now, **values)


# One family alike is enough, so that a request is sent right after the answer before it, and not on a sending day.
AT_ONCE = {"TILFLYT_ANONYMITY_LEAST": "1", "TILFLYT_ANONYMITY_WANTED": "1"}
FROM_THE_SENDING_MOMENT = (
    "Requests go out at once here, one alike being enough: the step from the sign-off to the association's letter is"
    " measured from the sending moment. In earnest a request waits for its sending day before. So it is with the step"
    " from a family's yes to the next letter: the disclosure is due at once here, and in earnest an hour later."
)


def _keys() -> dict[str, str]:
    """The keys that `world_on` seals and signs with."""
    link, pseudonym = (base64.b64encode(key).decode() for key in (KEY, KEY[::-1]))
    return {"TILFLYT_LINK_KEY": link, "TILFLYT_PSEUDONYM_KEY": pseudonym, "TILFLYT_VAULT_KEY": link}


@contextmanager
def partners_within(kind: Kind, folder: Path, sizes: Mapping[str, int]) -> Iterator[Measured]:
    """The platform with partners and mail in the worker's own process; people's answers are recorded in this one."""
    folder.mkdir()
    url = kind.fresh("path")
    database = Database(url)
    world = world_on(database, folder)
    world.platform = replace(world.platform, clock=SystemClock())
    on_plain_terms(database)
    stock(database, spare_homes(datetime.now(UTC).date()))
    cohorts: dict[str, Cohort] = {}
    first = 0
    for name, count in sizes.items():
        cohorts[name] = peopled(world, name, first, count)
        first += count
    database.close()
    as_before = (kind.copy(url, "bare_before"), kind.copy(url, "bare_after"))
    port = free_port()
    migrated_home(folder / "prefect")
    environment = {
        "TILFLYT_WORLD": "demo",
        "TILFLYT_DATABASE_URL": url,
        "TILFLYT_KEYS_URL": keys_in(folder),
        "TILFLYT_PUBLIC_URL": "http://desk.invalid",
        "TILFLYT_INTAKE_EVERY_MINUTES": "60",
        **AT_ONCE,
        **_keys(),
        **prefect_environment(str(folder / "prefect"), port),
        **MIGRATED,
    }
    with Processes(folder / "logs", environment) as processes:
        processes.start(PREFECT, "-m", "deployments.cli.main", "prefect-server")
        processes.wait_for(PREFECT, f"http://{LOOPBACK}:{port}/api/health")
        processes.start(WORKER, "-m", "tests.benchmarks.worker_process")
        pids = {name: process.pid for name, process in processes.running.items()}
        yield Measured(database, {**pids, **kind.pids}, cohorts, recording(database), as_before=as_before)
    database.close()


@contextmanager
def partners_over_http(kind: Kind, folder: Path, sizes: Mapping[str, int]) -> Iterator[Measured]:
    """Everything as in the demo: partners over HTTP, letters over SMTP, answers posted to the approval endpoint."""
    folder.mkdir()
    outside = outside_world(sizes)
    migrated_home(folder / "prefect")
    os.environ.update(secrets(outside))
    with staged(
        folder,
        database_url=kind.fresh("http"),
        peopled=outside,
        more_settings=_keys() | AT_ONCE | MIGRATED,
        disclosed_at_once=True,
    ) as stage:
        on_plain_terms(stage.database)
        taken_in(stage)
        with stage.database.reading() as session:
            cohorts = dict(_cohorts_by_flag(session, sizes))
        pids = {name: stage.processes.running[name].pid for name in (PREFECT, WORKER, DESK)}
        with browser() as http:
            hand = posting(stage.database, stage.desk_url, KEY, http)
            yield Measured(stage.database, {**pids, **kind.pids}, cohorts, hand, together=8)


def taken_in(stage: Stage) -> None:
    """Take in the homes of every association, and then the families; a feed that is not read fails the benchmark."""
    os.environ.update(stage.processes.environment)  # the stage's settings, for this process
    platform = platform_of(load_settings())

    async def work() -> None:
        for association in sorted({one for associations in ASKED.values() for one in associations[:-1]}):
            night = await syncing.sync(platform, association)
            if night.outcome != LoadStanding.APPLIED:
                raise LookupError(f"the feed of {association}: {night.outcome}")
        for municipality in ASKED:
            await intake.take_in(platform, municipality)

    asyncio.run(work())
    platform.database.close()


def outside_world(sizes: Mapping[str, int]) -> StandInWorld:
    """The same homes and families, as data of the partners' systems."""
    today = datetime.now(UTC).date()
    vacancies: dict[str, list[Sent]] = {}
    for association, row in spare_homes(today):
        vacancies.setdefault(association, []).append(row)
    first = 0
    for size in sizes.values():
        for association, row in homes(first, size, today):
            vacancies.setdefault(association, []).append(row)
        first += size
    flags: dict[str, list[Sent]] = {code: [] for code in ASKED}
    first = 0
    for size in sizes.values():
        for code, flagged in families(first, size, today).items():
            flags[code] += [as_flag(one) for one in flagged]
        first += size
    parties = ["0430", "0450", "0461", "0710", "0751"]
    return StandInWorld(
        case_systems=flags,
        associations={name: StandInAssociation(FEEDS[name], rows) for name, rows in vacancies.items()},
        finance=parties,
        handover=parties,
        tokens={
            **{f"municipality:{code}": f"token-{code}" for code in parties},
            **{f"association:{name}": f"token-{name}" for name in vacancies},
        },
    )


def _cohorts_by_flag(session: Session, sizes: Mapping[str, int]) -> Iterator[tuple[str, Cohort]]:
    """The referrals of each cohort, known by the numbers in their flags."""
    by_flag = {flag: id_ or 0 for id_, flag in session.exec(select(Referral.id, Referral.flag_id))}
    first = 0
    for name, count in sizes.items():
        flags = (f"flag-{number}" for number in range(first, first + count))
        yield name, Cohort(name, tuple(sorted(by_flag[flag] for flag in flags)))
        first += count

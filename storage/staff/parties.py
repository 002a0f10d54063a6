"""Staff import parties and agreements; what that changed, and who did it, is in the audit chain."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, select

from domain.differences import differences
from domain.parties.agreement import Agreement
from domain.parties.ceilings.use import Level
from domain.parties.file_rules import wrong_with
from domain.parties.parties_file import Fault, Given, Known, PartiesFile, Surroundings, WrongFile
from domain.parties.party import Partner
from domain.subject import About, Subject
from domain.working_days import day_of
from storage.allocation.ceilings import areas_without_homes, below_used
from storage.areas.places import Municipality
from storage.audit.events import write_event
from storage.parties.agreements import AGREEMENTS, agreement_versions, newest_agreements, remember_agreement
from storage.parties.partners import PARTNERS, partners, remember_partner
from storage.staff.leavers import pass_on_from_leavers

AGREEMENT, PARTNER = "agreement", "partner"
MOST_PATHS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a party or an agreement: all of it is new, or the paths that differ from what was in force."""

    kind: str
    name: str
    version: int | None
    paths: tuple[str, ...]
    new: bool

    @property
    def what(self) -> str:
        """The paths, or the first of them."""
        if self.new:
            return "new"
        more = len(self.paths) - MOST_PATHS
        return "; ".join(self.paths[:MOST_PATHS]) + (f"; and {more} more" if more > 0 else "") or "as it was"

    def __str__(self) -> str:
        version = f" version {self.version}" if self.version is not None else ""
        return f"{self.kind} {self.name}{version}: {self.what}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed."""

    changes: tuple[Change, ...]

    @property
    def agreements(self) -> int:
        """How many versions of agreements were new."""
        return self._count(AGREEMENT)

    @property
    def partners(self) -> int:
        """How many parties were new or other."""
        return self._count(PARTNER)

    def _count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)


def changes(session: Session, agreements: Iterable[Agreement], parties: Iterable[Partner]) -> list[Change]:
    """What importing these would change in what is in force."""
    there, found = {one.party: one for one in partners(session)}, []
    for party in parties:
        before = there.get(party.party)
        if before != party:
            found.append(Change(PARTNER, party.party, None, _paths(PARTNERS, before, party), new=before is None))
    versions = agreement_versions(session)
    for one in sorted(agreements, key=lambda agreement: agreement.version):
        if (one.id, one.version) not in versions:
            earlier = [number for id_, number in versions if id_ == one.id and number < one.version]
            last = versions[one.id, max(earlier)] if earlier else None
            paths = _paths(AGREEMENTS, last, one)
            found.append(Change(AGREEMENT, one.id, one.version, paths, new=last is None))
            versions[one.id, one.version] = one
    return found


def known(session: Session) -> Known:
    """What a file is judged beside."""
    codes = frozenset(session.exec(select(Municipality.code)))
    return Known(newest_agreements(session), partners(session), agreement_versions(session), codes)


def import_parties(
    session: Session,
    file: PartiesFile,
    here: Surroundings,
    *,
    by: str,
    now: datetime,
    accept_below_used: bool = False,
) -> Imported:
    """Bring in what a file says, all of it; what that changed. Colleagues are asked what waits for people who left.

    `WrongFile` names of every fault the entry, the field and what to do. A ceiling below what is used already may be
    what the parties want, and may be a slip of the pen: it must be said with `accept_below_used`.
    """
    if faults := wrong_with(Given(file, known(session), here)):
        raise WrongFile(file.name, faults)
    below = _below_used(session, file, today=day_of(now))
    if below and not accept_below_used:
        raise WrongFile(file.name, list(map(_said_of, below)))
    found = Imported(tuple(changes(session, file.agreements, file.partners)))
    counts = {
        "agreements": str(sum([remember_agreement(session, one, now=now) for one in file.agreements])),
        "partners": str(sum([remember_partner(session, one, now=now) for one in file.partners])),
    }
    write_event(session, "parties_imported", actor=by, about=Subject(About.PARTIES), at=now, **counts)
    for change in found.changes:
        facts = {"what": change.what} | ({} if change.version is None else {"version": str(change.version)})
        about = Subject.read(change.name) if change.kind == PARTNER else About.AGREEMENT.of(change.name)
        write_event(session, f"{change.kind}_changed", actor=by, about=about, at=now, **facts)
    for agreement, level in below:
        facts = {"version": str(agreement.version), "ceiling": str(level.limit)}
        facts |= {"families": str(level.ceiling), "used": str(level.used)}
        about = About.AGREEMENT.of(agreement.id)
        write_event(session, "ceiling_below_used_accepted", actor=by, about=about, at=now, **facts)
    pass_on_from_leavers(session, now=now)
    return found


def ceilings_below_used(session: Session, file: PartiesFile, *, today: date) -> list[Fault]:
    """The yearly ceilings of a file's new versions that are below what is used already."""
    return list(map(_said_of, _below_used(session, file, today=today)))


def _below_used(session: Session, file: PartiesFile, *, today: date) -> list[tuple[Agreement, Level]]:
    versions = agreement_versions(session)
    return [
        (one, level)
        for one in file.agreements
        if (one.id, one.version) not in versions
        for level in below_used(session, one, today=today)
    ]


def _said_of(below: tuple[Agreement, Level]) -> Fault:
    agreement, level = below
    return Fault(
        f"agreement {agreement.id}",
        "ceilings",
        f"{level.limit} is {level.ceiling}, and {level.used} families are counted already: nobody on the way is "
        "stopped, and nobody more is put forward. Import it with --accept-below-used if the parties agree on that",
    )


def areas_in_doubt(session: Session, file: PartiesFile) -> list[Fault]:
    """The areas that ceilings of a file name and in which no home is known."""
    return [
        Fault(f"agreement {one.id}", "ceilings.areas", f"no home is known in {ceiling.area}: is its name right?")
        for one in file.agreements
        for ceiling in areas_without_homes(session, one)
    ]


def _paths(adapter: TypeAdapter[Any], before: object, after: object) -> tuple[str, ...]:
    if before is None:
        return ()
    old, new = (json.loads(adapter.dump_json(one)) for one in (before, after))
    return tuple(differences(old, new))

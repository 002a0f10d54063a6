"""Staff bring in what the parties agreed and who they are: what that changed, and by whom, is in the audit chain."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session

from domain.differences import differences
from domain.parties.agreement import Agreement
from domain.parties.party import Partner
from domain.subject import About, Subject
from storage.audit.events import write_event
from storage.parties.parties import (
    AGREEMENTS,
    PARTNERS,
    agreement_versions,
    partners,
    remember_agreement,
    remember_partner,
)

AGREEMENT, PARTNER = "agreement", "partner"
MOST_PATHS = 20


@dataclass(frozen=True, slots=True)
class Change:
    """What is new or other of a party or an agreement: all of it, or the paths that differ from what was in force."""

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


def changes(session: Session, agreements: Iterable[Agreement], parties: Iterable[Partner]) -> list[Change]:
    """What bringing these in would change of what is in force."""
    known, found = {one.party: one for one in partners(session)}, []
    for party in parties:
        before = known.get(party.party)
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


def bring_in(
    session: Session, agreements: Iterable[Agreement], parties: Iterable[Partner], *, by: str, now: datetime
) -> list[Change]:
    """Bring agreements and parties in; what that changed. `Invalid` when an agreement's version is here and differs."""
    agreements, parties = list(agreements), list(parties)
    found = changes(session, agreements, parties)
    counts = {
        "agreements": str(sum([remember_agreement(session, one, now=now) for one in agreements])),
        "partners": str(sum([remember_partner(session, one, now=now) for one in parties])),
    }
    write_event(session, "parties_imported", actor=by, about=Subject(About.PARTIES), at=now, **counts)
    for change in found:
        facts = {"what": change.what} | ({} if change.version is None else {"version": str(change.version)})
        about = Subject.read(change.name) if change.kind == PARTNER else About.AGREEMENT.of(change.name)
        write_event(session, f"{change.kind}_changed", actor=by, about=about, at=now, **facts)
    return found


def _paths(adapter: TypeAdapter[Any], before: object, after: object) -> tuple[str, ...]:
    if before is None:
        return ()
    old, new = (json.loads(adapter.dump_json(one)) for one in (before, after))
    return tuple(differences(old, new))

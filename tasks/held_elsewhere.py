"""What the parties' systems hold of ours: asked after a backup was put back, and when a worker begins."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import select

from domain import party
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.party import Partner
from domain.ports import AnsweredFlags, HeldHome, HeldPosting
from domain.told_once import posting_key, receipt_key
from domain.working_days import COPENHAGEN
from storage.parties import partners
from storage.referrals import ReferenceCounter, number_of
from storage.watermark import note_numbers
from tasks.platform import Platform

# What a worker looks back to when it begins: whoever puts a backup back later than that is told by the mark alone.
LOOKED_BACK = timedelta(days=30)
# Further off, a partner's number is no number of ours.
MOST_NUMBERS_LOST = 10_000


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A party's system that did not tell what it holds, and why: silence, or it cannot be asked."""

    party: str
    system: str
    why: str


@dataclass(slots=True)
class HeldElsewhere:
    """What each party's system told, by party."""

    flags: dict[str, AnsweredFlags] = field(default_factory=dict)
    homes: dict[str, list[HeldHome]] = field(default_factory=dict)
    newcomers: dict[str, list[str]] = field(default_factory=dict)
    postings: dict[str, list[HeldPosting]] = field(default_factory=dict)
    not_asked: list[NotAsked] = field(default_factory=list)

    def references(self) -> Iterator[str]:
        """Every case reference that somebody was told."""
        for answered in self.flags.values():
            yield from (held.receipt.reference for held in answered.receipts if held.receipt.reference)
        for references in self.newcomers.values():
            yield from references
        for postings in self.postings.values():
            yield from (held.posting.reference for held in postings)


ASKED: dict[str, Callable[[Any, datetime], Awaitable[Any]]] = {
    "case_system": lambda system, since: system.answered(since),
    "reservations": lambda system, _since: system.held_for_us(),
    "handover": lambda system, _since: system.known(),
    "finance": lambda system, since: system.posted(since.astimezone(COPENHAGEN).date()),
}


async def ask_everybody(
    platform: Platform, *, since: datetime, systems: tuple[str, ...] = tuple(ASKED)
) -> HeldElsewhere:
    """Ask each system of each party; one that is silent or cannot be asked hides nobody else's answer."""
    with platform.database.reading() as session:
        everybody = list(partners(session))
    found = HeldElsewhere()
    kept: dict[str, dict[str, Any]] = {
        "case_system": found.flags,
        "reservations": found.homes,
        "handover": found.newcomers,
        "finance": found.postings,
    }

    async def ask(one: Partner, system: str) -> None:
        try:
            at = platform.connect(system, one.systems[system])
            kept[system][one.party] = await ASKED[system](at, since)
        except (PartnerUnavailable, PartnerRefused) as error:
            found.not_asked.append(NotAsked(one.party, system, str(error)))

    await asyncio.gather(*(ask(one, system) for one in everybody for system in systems if system in one.systems))
    return found


async def look_whether_it_went_back(platform: Platform) -> None:
    """Write down, where the mark is, which case numbers the parties know and this database has not given.

    What was told under a key of ours alone counts: no partner's mistake may stop a worker. Nor may a number that this
    database would not have come to.
    """
    if platform.marks is None:
        return
    now = platform.now()
    found = await ask_everybody(platform, since=now - LOOKED_BACK, systems=("case_system", "finance"))
    with platform.database.reading() as session:
        given = {row.year: row.last for row in session.exec(select(ReferenceCounter))}
        this_year = now.astimezone(COPENHAGEN).year
        highest = highest_numbers(_references_that_we_told(found), given=given, this_year=this_year)
        beyond = {year: number for year, number in highest.items() if number > given.get(year, 0)}
        if beyond:
            note_numbers(session, platform.marks, beyond, now=now)


def _references_that_we_told(found: HeldElsewhere) -> Iterator[str]:
    for told, answered in found.flags.items():
        for held in answered.receipts:
            if held.receipt.reference and held.key == receipt_key(
                told.removeprefix(party.municipality("")), held.receipt
            ):
                yield held.receipt.reference
    for postings in found.postings.values():
        yield from (held.posting.reference for held in postings if held.key == posting_key(held.posting))


def highest_numbers(references: Iterator[str], *, given: Mapping[int, int], this_year: int) -> dict[int, int]:
    """The highest number of each year that may be one of ours, when these were `given` last.

    It is of this year or the one before, or of a year in which some were given, and not far beyond the last of them.
    """
    highest: dict[int, int] = {}
    for reference in references:
        year, number = number_of(reference) or (0, 0)
        may_be = year in given or year in (this_year - 1, this_year)
        if may_be and year <= this_year and number - given.get(year, 0) <= MOST_NUMBERS_LOST:
            highest[year] = max(highest.get(year, 0), number)
    return highest

"""What the parties' systems hold from us: asked after a backup was put back, and when a worker starts.

tasks/restored/proofs.py says which of it we told them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.errors import PartnerRefused, PartnerUnavailable
from domain.parties.party import Partner
from domain.ports.case_system import AnsweredFlags
from domain.ports.finance import HeldPosting
from domain.ports.reservations import HeldHome
from domain.working_days import day_of
from storage.parties.partners import partners
from storage.referrals.references import number_of
from tasks.platform import Platform

# A partner's number further ahead than this is not one of ours.
MOST_NUMBERS_LOST = 10_000
FINANCE = "finance"
TAKES_FILES = "its postings go as files: compare the runs that it was given since the backup before the next one"


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A party's system that did not say what it holds, and why: it was silent, or it cannot be asked."""

    party: str
    system: str
    why: str


@dataclass(slots=True)
class HeldElsewhere:
    """What each party's systems said, by party."""

    flags: dict[str, AnsweredFlags] = field(default_factory=dict)
    homes: dict[str, list[HeldHome]] = field(default_factory=dict)
    newcomers: dict[str, list[str]] = field(default_factory=dict)
    postings: dict[str, list[HeldPosting]] = field(default_factory=dict)
    not_asked: list[NotAsked] = field(default_factory=list)


ASKED: dict[str, Callable[[Any, datetime], Awaitable[Any]]] = {
    "case_system": lambda system, since: system.answered(since),
    "reservations": lambda system, _since: system.held_for_us(),
    "handover": lambda system, _since: system.known(),
    "finance": lambda system, since: system.posted(day_of(since)),
}


async def ask_everybody(
    platform: Platform, *, since: datetime, systems: tuple[str, ...] = tuple(ASKED)
) -> HeldElsewhere:
    """Ask each system of each party; a silent one, or one that cannot be asked, hides no other answer."""
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
            connected = platform.connect(system, one.systems[system])
            kept[system][one.party] = await ASKED[system](connected, since)
        except (PartnerUnavailable, PartnerRefused) as error:
            found.not_asked.append(NotAsked(one.party, system, str(error)))

    await asyncio.gather(*(ask(one, system) for one in everybody for system in systems if system in one.systems))
    for one in everybody if FINANCE in systems else ():
        if one.bookkeeping is not None and one.bookkeeping.takes_files:
            found.not_asked.append(NotAsked(one.party, FINANCE, TAKES_FILES))
    return found


def highest_numbers(references: Iterable[str], *, given: Mapping[int, int], this_year: int) -> dict[int, int]:
    """The highest number of each year that may be one of ours, when these were `given` last."""
    highest: dict[int, int] = {}
    for reference in references:
        if may_be_ours(reference, given=given, this_year=this_year):
            year, number = number_of(reference) or (0, 0)
            highest[year] = max(highest.get(year, 0), number)
    return highest


def may_be_ours(reference: str, *, given: Mapping[int, int], this_year: int) -> bool:
    """Whether a number may be one of ours: this database could have come to it.

    It is of this year or the year before, or of a year with given numbers, and not far beyond the last of them.
    """
    year, number = number_of(reference) or (0, 0)
    may_be = year in given or year in (this_year - 1, this_year)
    return may_be and year <= this_year and number - given.get(year, 0) <= MOST_NUMBERS_LOST

"""Housing areas and their published designations.

The lists are published every 1 December, and the thresholds move, so both are dated facts that are
never deleted. Source: almenboligloven § 61 a, § 168 a and § 51 b; figures as published by the ministry.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class AreaStatus(StrEnum):
    """What an area is listed as: parallelsamfund, omdannelsesområde, udsat boligområde …"""

    PARALLEL_SOCIETY = "parallel_society"
    TRANSFORMATION = "transformation"
    VULNERABLE = "vulnerable"
    COMBINED_LETTING = "combined_letting"


@dataclass(frozen=True, slots=True)
class Listing:
    """An area's entry on a list published on a day."""

    status: AreaStatus
    published: date


def designations(listings: Iterable[Listing], *, on: date, newest: dict[AreaStatus, date]) -> frozenset[AreaStatus]:
    """What an area is listed as on a day, by the newest list of each kind that was published by then.

    `newest` is the publication day of the newest known list of each kind.
    """
    return frozenset(
        listing.status
        for listing in listings
        if listing.published <= on and listing.published == newest.get(listing.status)
    )

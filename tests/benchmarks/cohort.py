"""The benchmark's invented families and the homes for them.

Each family has one home that suits it best and no other family as well, so that no two families compete for a home.
Homes that are vacant earlier cost more, and those vacant later are too late.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import product

from deployments.standins.world import Sent
from domain.referrals.consent import ends_by_itself
from domain.referrals.household import FlaggedFamily, Need
from tests.world.families import family

# By sending municipality: the associations that are asked, and the municipality of their homes.
ASKED = {"0461": ("kloeverlykken", "havblik", "0430"), "0751": ("skovbrynet", "havblik", "0710")}
ROOMS = range(1, 9)
KINDS_OF_NEED = tuple(product(ASKED, ROOMS))
RENT_MAX_MONTHLY_ORE = 1_500_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What makes a family's need differ from every other's: the sender, the rooms and the day."""

    number: int
    sender: str
    rooms: int
    days_ahead: int

    def move_in_from(self, today: date) -> date:
        """The day from which the family can move."""
        return today + timedelta(days=30 + self.days_ahead)


def wanted(first: int, count: int) -> Iterator[Wanted]:
    """The needs of families numbered from `first`, spread evenly; latest first, as the best home is listed first."""
    for place in reversed(range(count)):
        sender, rooms = KINDS_OF_NEED[place % len(KINDS_OF_NEED)]
        yield Wanted(first + place, sender, rooms, place // len(KINDS_OF_NEED))


def families(first: int, count: int, today: date) -> dict[str, list[FlaggedFamily]]:
    """The families by sending municipality."""
    found: dict[str, list[FlaggedFamily]] = {sender: [] for sender in ASKED}
    for one in wanted(first, count):
        need = Need(one.rooms, one.rooms, RENT_MAX_MONTHLY_ORE, one.move_in_from(today), step_free=False)
        flagged = family(one.number, municipality=one.sender)
        given_on = today - timedelta(days=3)
        consent = replace(flagged.consent, given_on=given_on, ends_on=ends_by_itself(given_on))
        found[one.sender].append(replace(flagged, need=need, consent=consent))
    return found


def homes(first: int, count: int, today: date) -> Iterator[tuple[str, Sent]]:
    """The home that suits each family best, at each association that is asked, as rows of its feed."""
    for one in wanted(first, count):
        *associations, municipality = ASKED[one.sender]
        for association in associations:
            yield (
                association,
                _home(
                    association,
                    municipality,
                    str(one.number),
                    rooms=one.rooms,
                    vacant_from=one.move_in_from(today),
                    rent=900_000 - 1_000 * one.days_ahead,
                ),
            )


def spare_homes(today: date) -> Iterator[tuple[str, Sent]]:
    """Homes larger than anybody needs, so that there are always three to suggest."""
    for *associations, municipality in ASKED.values():
        for association, number in product(associations, range(3)):
            name = f"{municipality}-spare-{number}"
            yield (
                association,
                _home(association, municipality, name, rooms=max(ROOMS) + 1, vacant_from=today, rent=900_000),
            )


def _home(association: str, municipality: str, name: str, *, rooms: int, vacant_from: date, rent: int) -> Sent:
    return {
        "external_id": f"{association}-{name}",
        "department": "Prøveparken",
        "municipality": municipality,
        "area": None,
        "rooms": rooms,
        "size_m2": 25 * rooms,
        "rent_monthly_ore": rent,
        "available_from": vacant_from.isoformat(),
        "step_free": False,
        "letting": "municipal_assignment",
    }


def as_flag(flagged: FlaggedFamily) -> Sent:
    """A family as a case system sends it."""
    sent: Sent = asdict(flagged)
    need, consent = asdict(flagged.need), asdict(flagged.consent)
    need["move_in_from"] = flagged.need.move_in_from.isoformat()
    consent |= {name: consent[name].isoformat() for name in ("given_on", "ends_on")}
    return sent | {"need": need, "consent": consent}

"""What an association may see of a family before the family has accepted: bands and a pseudonym."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from domain.household import Need

RENT_BAND_ORE = 100_000
LARGEST_ROOM_BAND = 5
PSEUDONYM_BYTES = 5
HOUSEHOLD_BANDS: tuple[tuple[int, int | None], ...] = ((1, 2), (3, 4), (5, None))


@dataclass(frozen=True, slots=True)
class AnonymisedRequest:
    """A need in bands. `rooms_to` is None for "and more"; `step_free` is said only where needed.

    Rent bands are in øre a month and 1,000 kr wide; the most that can be paid lies within the band.
    """

    pseudonym: str
    rooms_from: int
    rooms_to: int | None
    rent_from_ore: int
    rent_to_ore: int
    move_in_year: int
    move_in_month: int
    step_free: bool


def anonymised(need: Need, *, pseudonym: str) -> AnonymisedRequest:
    """The request that holds this need and nothing else: no origin, no composition, no free text."""
    lower = need.rent_max_monthly_ore // RENT_BAND_ORE * RENT_BAND_ORE
    large = need.rooms_min >= LARGEST_ROOM_BAND
    rooms_from = LARGEST_ROOM_BAND if large else max(1, need.rooms_min)
    return AnonymisedRequest(
        pseudonym=pseudonym,
        rooms_from=rooms_from,
        rooms_to=None if large else rooms_from + 1,
        rent_from_ore=lower,
        rent_to_ore=lower + RENT_BAND_ORE,
        move_in_year=need.move_in_from.year,
        move_in_month=need.move_in_from.month,
        step_free=need.step_free,
    )


@dataclass(frozen=True, slots=True)
class FamilyBands:
    """What the receiving municipality sees of a family before it has said yes. `persons_to` is None for "and more"."""

    persons_from: int
    persons_to: int | None
    request: AnonymisedRequest


def in_bands(need: Need, *, reference: str) -> FamilyBands:
    """The family's size in a band beside its need in bands."""
    persons_from, persons_to = next(band for band in HOUSEHOLD_BANDS if band[1] is None or need.persons <= band[1])
    return FamilyBands(persons_from, persons_to, anonymised(need, pseudonym=reference))


def period_of(day: date) -> str:
    """The quarter within which a recipient meets a case under the same pseudonym."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def pseudonym(key: bytes, *, recipient: str, period: str, case_key: str) -> str:
    """A name for a case that only this recipient meets, for this period: `B-XXXXXXXX`.

    HMAC-SHA256 under a key derived for the recipient, over the random case key, never over CPR,
    so that two recipients who compare what they hold cannot join their lists.
    """
    recipient_key = hmac.digest(key, f"pseudonym|{recipient}|{period}".encode(), hashlib.sha256)
    name = hmac.digest(recipient_key, case_key.encode(), hashlib.sha256)
    return "B-" + base64.b32encode(name[:PSEUDONYM_BYTES]).decode()

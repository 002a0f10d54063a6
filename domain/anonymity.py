"""What an association may see of a family before the family has accepted: bands and a pseudonym."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from domain.household import Need
from domain.release import Seen, shown, sought

PSEUDONYM_BYTES = 5
HOUSEHOLD_BANDS: tuple[tuple[int, int | None], ...] = ((1, 2), (3, 4), (5, None))


@dataclass(frozen=True, slots=True)
class AnonymisedRequest:
    """A need in bands, as coarse as domain/release.py has made it; None is what is not said.

    `rooms_to` is None for "and more" when `rooms_from` is said. The most that can be paid, in øre a month, lies within
    the rent band, and the family moves in no earlier than within the `move_in_months` that begin with the month told.
    `step_free` is said only where needed, and `region` only where one region is wanted.
    """

    pseudonym: str
    rooms_from: int | None
    rooms_to: int | None
    rent_from_ore: int | None
    rent_to_ore: int | None
    move_in_year: int | None
    move_in_month: int | None
    step_free: bool
    move_in_months: int = 1
    region: str | None = None


def anonymised(seen: Seen, *, pseudonym: str) -> AnonymisedRequest:
    """The request that shows this and nothing else: no origin, no composition, no free text."""
    rooms_from, rooms_to = seen.rooms or (None, None)
    rent_from_ore, rent_to_ore = seen.rent_ore or (None, None)
    year, month, months = seen.move_in or (None, None, 1)
    return AnonymisedRequest(
        pseudonym=pseudonym,
        rooms_from=rooms_from,
        rooms_to=rooms_to,
        rent_from_ore=rent_from_ore,
        rent_to_ore=rent_to_ore,
        move_in_year=year,
        move_in_month=month,
        move_in_months=months,
        step_free=seen.step_free,
        region=seen.region,
    )


@dataclass(frozen=True, slots=True)
class FamilyBands:
    """What the receiving municipality sees of a family before it has said yes. `persons_to` is None for "and more"."""

    persons_from: int
    persons_to: int | None
    request: AnonymisedRequest


def in_bands(need: Need, *, reference: str) -> FamilyBands:
    """The family's size in a band beside its need in the narrowest bands: it decides, and is told more."""
    persons_from, persons_to = next(band for band in HOUSEHOLD_BANDS if band[1] is None or need.persons <= band[1])
    return FamilyBands(persons_from, persons_to, anonymised(shown(sought(need)), pseudonym=reference))


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

"""What an association may see of a family before the family has accepted: bands and a pseudonym."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date

from domain.anonymity.measure import Seen
from domain.anonymity.newcomer import Presented

PSEUDONYM_BYTES = 5


@dataclass(frozen=True, slots=True)
class AnonymisedRequest:
    """A need in bands, as coarse as domain/anonymity/measure.py has made it. None means that it is not said.

    `rooms_to` is None for "and more" when `rooms_from` is said. The most that can be paid, in øre a month, lies within
    the rent band. The family moves in no earlier than in one of the `move_in_months` that begin with the month told.
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
    """What the receiving municipality sees of a family before the family has said yes. None means that it is not said.

    `persons_to` is None for "and more" when `persons_from` is said. `sender` is the code of the municipality.
    """

    persons_from: int | None = None
    persons_to: int | None = None
    move_in_year: int | None = None
    move_in_month: int | None = None
    move_in_months: int = 1
    step_free: bool = False
    sender: str | None = None


def in_bands(seen: Presented) -> FamilyBands:
    """What the page says of a family, and nothing else."""
    persons_from, persons_to = seen.persons or (None, None)
    year, month, months = seen.move_in or (None, None, 1)
    return FamilyBands(persons_from, persons_to, year, month, months, seen.step_free, seen.sender)


def period_of(day: date) -> str:
    """The quarter during which a recipient sees a case under the same pseudonym."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def pseudonym(key: bytes, *, recipient: str, period: str, case_key: str) -> str:
    """A name for a case that only this recipient sees, for this period: `B-XXXXXXXX`.

    HMAC-SHA256 under a key derived for the recipient, over the random case key, never over CPR: two recipients who
    compare what they hold cannot join their lists.
    """
    recipient_key = hmac.digest(key, f"pseudonym|{recipient}|{period}".encode(), hashlib.sha256)
    name = hmac.digest(recipient_key, case_key.encode(), hashlib.sha256)
    return "B-" + base64.b32encode(name[:PSEUDONYM_BYTES]).decode()

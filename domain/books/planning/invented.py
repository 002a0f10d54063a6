"""Families that never were: drawn by chance for an agreement that has had none yet."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from domain.books.charges import MovedIn
from domain.books.months import MONTHS_A_YEAR
from domain.books.planning.replay import counted
from domain.parties.agreement import Agreement

# Social family homes: 960 kr. a square metre and year (2026); how large they are, and how many children, is invented.
RENT_ORE_A_SQUARE_METRE = 96_000
SMALLEST_M2, LARGEST_M2 = 60, 110
CHILDREN, HOW_OFTEN = (0, 1, 2, 3, 4, 5), (2, 3, 4, 3, 2, 1)
DEPARTMENT = "opdigtet"
LEAST_RESERVED_DAYS = 7


def invented_families(
    agreements: Sequence[Agreement], number: int, *, first: date, last: date, chance: Random
) -> list[MovedIn]:
    """So many move-ins from one day to another under some agreements, the same for the same chance.

    Each year's families are counted from the first one that is drawn.
    """
    return counted(_one(chance.choice(agreements), first, last, chance) for _ in range(number))


def _one(agreement: Agreement, first: date, last: date, chance: Random) -> MovedIn:
    on = first + timedelta(days=chance.randint(0, (last - first).days))
    sender = chance.choice(agreement.sending)
    others = [code for code in agreement.receiving if code != sender] or list(agreement.receiving)
    days = chance.randint(min(LEAST_RESERVED_DAYS, agreement.reservation_days), agreement.reservation_days)
    return MovedIn(
        agreement=agreement.id,
        sender=sender,
        receiver=chance.choice(others),
        association=chance.choice(agreement.associations),
        department=DEPARTMENT,
        on=on,
        reserved_on=on - timedelta(days=days),
        rent_monthly_ore=chance.randint(SMALLEST_M2, LARGEST_M2) * RENT_ORE_A_SQUARE_METRE // MONTHS_A_YEAR,
        children=chance.choices(CHILDREN, HOW_OFTEN)[0],
    )

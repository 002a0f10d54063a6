"""What caseworkers choose, and what stands in a case's history."""

from dataclasses import replace
from datetime import date

from sqlmodel import select

from storage.referrals.history import HistoryLine
from tests.tasks.anonymity.crowd import LIKE
from tests.world.world import World

UNLIKE = replace(LIKE, rent_max_monthly_ore=840_000, move_in_from=date(2026, 5, 1))


def deeds(world: World, deed: str) -> list[str | None]:
    """What the history says of a deed, each time that it was done."""
    return world.rows(select(HistoryLine.reason).where(HistoryLine.deed == deed).order_by(HistoryLine.id))

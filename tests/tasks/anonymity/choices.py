"""Choices of caseworkers, and the history of a case."""

from dataclasses import replace
from datetime import date

from sqlmodel import select

from storage.referrals.history import HistoryLine
from tests.tasks.anonymity.crowd import LIKE
from tests.world.world import World

UNLIKE = replace(LIKE, rent_max_monthly_ore=840_000, move_in_from=date(2026, 5, 1))


def deeds(world: World, deed: str) -> list[str | None]:
    """The details of each history line of a deed."""
    return world.rows(select(HistoryLine.reason).where(HistoryLine.deed == deed).order_by(HistoryLine.id))

"""Families flagged twice."""

from sqlmodel import select

from storage.attention import AttentionItem
from tests.world.world import World

FIRST, SECOND = "TF-2026-00001", "TF-2026-00002"
AARHUS = "0751"


def open_items(world: World) -> list[tuple[str, str]]:
    return [(item.subject, item.code) for item in world.rows(select(AttentionItem)) if item.closed_at is None]

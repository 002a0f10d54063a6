"""The demo's associations, and the requests that are sent to them."""

from sqlmodel import col, select

from storage.privacy.releases import Release
from tests.world.world import World

HAVBLIK, KLOEVERLYKKEN = "association:havblik", "association:kloeverlykken"


def sent_to(world: World, recipient: str) -> list[Release]:
    return world.rows(select(Release).where(Release.recipient == recipient).order_by(col(Release.id)))

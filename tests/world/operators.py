"""A person who has logged in to the operations pages, and what they see and do there."""

from datetime import timedelta

from sqlmodel import select

from approval_api.sitting import SITTING
from domain.feeds.load import LoadStanding
from storage.feeds.feeds import FeedLoad
from storage.parties.logins import open_sitting
from tests.world.feed_nights import ROW, feed, homes, night
from tests.world.served import FORM
from tests.world.world import World

OPERATOR = "operator:drift"


def sitting(world: World, party: str = OPERATOR, contact: str = "vagt") -> dict[str, str]:
    """The cookie of a person who has logged in."""
    with world.platform.database.writing() as session:
        now = world.clock.now()
        key = open_sitting(session, party, contact, now=now, until=now + timedelta(days=30))
    return {"Cookie": f"{SITTING}={key}"}


def look(http, path, cookie):
    return http.get(path, headers=cookie)


def act(http, path, cookie, **form):
    origin = str(http.base_url).rstrip("/")
    sent = cookie | FORM | {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    return http.post(path, data=form, headers=sent)


def hold_back(world: World) -> int:
    """Have a feed that shrank held back for a person; returns its load's number."""
    feed(world, *homes(20))
    night(world)
    feed(world, *homes(5), ROW | {"external_id": "neu", "rent_monthly_ore": 1})
    night(world)
    return world.rows(select(FeedLoad.id).where(FeedLoad.standing == LoadStanding.HELD))[0]

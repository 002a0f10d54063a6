"""People who read their party's books, and the month that they read."""

from dataclasses import replace
from datetime import timedelta

import httpx
from bs4 import BeautifulSoup

from domain.parties.party import Contact, Role
from storage.books.settlements import settle_month
from storage.parties.partners import partner_of, remember_partner
from tests.world.months import month_of
from tests.world.operators import sitting
from tests.world.world import World

ODENSE, NYBORG, AARHUS, HAVBLIK = "municipality:0461", "municipality:0450", "municipality:0751", "association:havblik"
PARTIES = (ODENSE, NYBORG, AARHUS, HAVBLIK)
FINANCE = Role.FINANCE


def named(world: World, party: str, role: Role) -> dict[str, str]:
    """The cookie of somebody at a party with a role."""
    somebody = Contact(f"ny-{role}", "Nogen (opdigtet)", "nogen@opdigtet.invalid", role)
    with world.platform.database.writing() as session:
        known = partner_of(session, party)
        remember_partner(session, replace(known, contacts=(*known.contacts, somebody)), now=world.clock.now())
    return sitting(world, party, somebody.id)


def settled(world: World) -> str:
    """Have the month of the move-ins settled; returns it as it stands in addresses."""
    last_day = month_of(world)
    world.clock.move_on(timedelta(days=40))
    world.settle()
    with world.platform.database.writing() as session:
        settle_month(session, last_day, by="regnskab", now=world.clock.now())
    return f"{last_day:%Y-%m}"


def rows_of(page: httpx.Response) -> list[list[str]]:
    """The rows of the table of lines, which is the only one of the page of a month."""
    found = BeautifulSoup(page.text, "html.parser").select("tbody tr")
    return [[cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])] for row in found]

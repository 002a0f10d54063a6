"""What the pages of a party's books show: a long month, and who pays whom by which rule."""

from datetime import timedelta

import httpx
from bs4 import BeautifulSoup

from domain.parties.party import Role
from storage.books.settlements import statements_of
from tests.approval_api.books.readers import AARHUS, FINANCE, NYBORG, named, rows_of, settled
from tests.storage.books.model import two_housed_families
from tests.world.kept import world_after
from tests.world.months import month_of
from tests.world.operators import look
from tests.world.served import words
from tests.world.world import World

world = world_after(two_housed_families)


def test_a_settled_month_says_who_pays_whom_and_each_line_leads_to_its_rule(world: World, http: httpx.Client):
    month = settled(world)
    cookie = named(world, NYBORG, Role.CHIEF)

    whole, page = look(http, "/afregning", cookie), look(http, f"/afregning/{month}", cookie)

    assert f"/afregning/{month}" in whole.text
    assert "fra Odense Kommune" in words(page)
    assert "Måneden er afregnet" in words(page)
    soup = BeautifulSoup(page.text, "html.parser")
    for link in soup.select("tbody a"):
        explained = soup.select_one(link["href"])
        assert explained.get_text() == link.get_text()
        assert explained.find_next_sibling("dd").get_text(strip=True)
    assert "For at modtage familien: 40.000,01 kr. og 5.000 kr. for hvert barn, når den flytter ind." in words(page)
    assert "afsenderkommunen (1/2), den fælles pulje (1/2)" in words(page)
    english = look(http, f"/afregning/{month}?lang=en", cookie)
    assert "DKK 40,000.01 and DKK 5,000 for each child" in words(english)
    assert f'href="/afregning/{month}.csv"' in english.text


def test_a_long_month_is_paged_and_its_totals_are_those_of_all_lines(world: World, http: httpx.Client, monkeypatch):
    monkeypatch.setattr("approval_api.books.month_page.LINES_A_PAGE", 2)
    cookie, month = named(world, NYBORG, FINANCE), month_of(world)
    with world.platform.database.reading() as session:
        own = statements_of(session, month)[NYBORG]
    pages = -(-len(own.lines) // 2)
    assert pages > 2

    found = [look(http, f"/afregning/{month:%Y-%m}?page={number}", cookie) for number in range(1, pages + 1)]

    assert [row[0] for page in found for row in rows_of(page)] == [line.reference for line in own.lines]
    totals = [BeautifulSoup(page.text, "html.parser").select("tfoot td") for page in found]
    assert len({total[1].get_text() for total in totals}) == 1
    assert sum(in_ore(total[0].get_text()) for total in totals) == own.total_ore == in_ore(totals[0][1].get_text())
    for asked in ("0", "-1", "x", "9" * 400, "²"):
        assert rows_of(look(http, f"/afregning/{month:%Y-%m}?page={asked}", cookie))
    last = look(http, f"/afregning/{month:%Y-%m}?page=999999999&lang=en", cookie)
    assert rows_of(last)[0][0] == rows_of(found[-1])[0][0]
    assert f"Page {pages} of {pages}" in words(last)
    assert f"page={pages - 1}&amp;lang=en" in last.text


def in_ore(amount: str) -> int:
    kroner, _, ore = amount.removesuffix(" kr.").replace(".", "").partition(",")
    return int(kroner) * 100 + (int(ore or 0) if not kroner.startswith("-") else -int(ore or 0))


def test_a_month_that_was_settled_with_a_later_one_leads_to_it(world: World, http: httpx.Client):
    before = month_of(world).replace(day=1) - timedelta(days=1)
    month = settled(world)

    page = look(http, f"/afregning/{before:%Y-%m}", named(world, NYBORG, FINANCE))

    assert "Måneden er afregnet sammen med" in words(page)
    assert f'href="/afregning/{month}"' in page.text


def test_nothing_is_shown_where_nothing_is_booked(world: World, http: httpx.Client):
    page = look(http, "/afregning", named(world, AARHUS, FINANCE))

    assert page.is_success
    for said in ("Der er ikke bogført noget", "Ingen måned er afregnet endnu", "Ingen krav", "Intet er afvist"):
        assert said in words(page)

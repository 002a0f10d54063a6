"""Data protection officers and auditors see counts of the cases that they may see, and nobody else sees counts."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from bs4 import BeautifulSoup

from domain.parties.party import Contact, Role
from domain.questions.question import QuestionKind
from storage.parties.partners import partner_of, remember_partner
from tasks.upkeep.chain import seal
from tests.world.families import family
from tests.world.operators import look, sitting
from tests.world.served import words
from tests.world.world import World

ODENSE, AARHUS, OPERATOR = "municipality:0461", "municipality:0751", "operator:drift"
DISCLOSED = "Gange nogen har fået at vide, hvem en familie er"


def name(world: World, party: str, role: Role) -> dict[str, str]:
    """Have a party name a contact with a role, who logs in; returns the cookie."""
    with world.platform.database.writing() as session:
        known = partner_of(session, party)
        somebody = Contact(f"ny-{role}", "Nogen (opdigtet)", "nogen@opdigtet.invalid", role)
        remember_partner(session, replace(known, contacts=(*known.contacts, somebody)), now=world.clock.now())
    return sitting(world, party, f"ny-{role}")


@pytest.fixture
def housed(sqlite_world: World) -> World:
    """A family of Odense is housed."""
    sqlite_world.home()
    sqlite_world.flag(family())
    sqlite_world.housed()
    seal(sqlite_world.platform)
    sqlite_world.clock.move_on(timedelta(hours=1))
    return sqlite_world


def figures(page: str) -> dict[str, str]:
    rows = [row.find_all(["th", "td"]) for row in BeautifulSoup(page, "html.parser").select("tbody tr")]
    return {cells[0].get_text(strip=True): cells[1].get_text(strip=True) for cells in rows}


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.AUDITOR])
@pytest.mark.parametrize(("party", "disclosed"), [(ODENSE, "2"), (AARHUS, "0"), (OPERATOR, "2")])
def test_each_sees_the_counts_of_their_own_cases(housed: World, http, party: str, role: Role, disclosed: str):
    cookie = name(housed, party, role)

    page = look(http, "/beskyttelse", cookie)

    assert page.status_code == HTTPStatus.OK
    assert figures(page.text)[DISCLOSED] == disclosed
    assert "Loggen er underskrevet til og med linje" in words(page)
    who = family().identity
    assert not any(told in page.text for told in (who.adult_name, who.cpr, who.email, "TF-2026"))
    assert look(http, "/beskyttelse?days=365", cookie).status_code == HTTPStatus.OK
    assert look(http, "/beskyttelse?days=1e9", cookie).status_code == HTTPStatus.OK
    assert "/beskyttelse" in look(http, "/mine", cookie).text


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.DATA_PROTECTION_OFFICER, Role.AUDITOR}))
def test_nobody_else_sees_the_counts(housed: World, http, role: Role):
    page = look(http, "/beskyttelse", name(housed, ODENSE, role))
    assert page.status_code == HTTPStatus.FORBIDDEN
    assert DISCLOSED not in page.text


def test_a_stranger_is_asked_to_log_in(housed: World, http):
    assert look(http, "/beskyttelse", {}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.AUDITOR])
def test_whoever_oversees_the_platform_does_not_run_it(housed: World, http, role: Role):
    cookie = name(housed, OPERATOR, role)
    assert look(http, "/drift", cookie).status_code == HTTPStatus.FORBIDDEN
    assert look(http, "/mine", cookie).status_code == HTTPStatus.OK


def test_a_caseworker_sees_the_cases_of_their_municipality_and_where_each_rests(housed: World, http):
    housed.flag(family(2, municipality="0751"), municipality="0751")
    mine = look(http, "/mine?show=cases", sitting(housed, ODENSE, "sagsbehandler-1"))
    theirs = look(http, "/mine?show=cases", sitting(housed, AARHUS, "sagsbehandler-1"))

    assert ("TF-2026-00001" in mine.text, "TF-2026-00002" in mine.text) == (True, False)
    assert ("TF-2026-00001" in theirs.text, "TF-2026-00002" in theirs.text) == (False, True)
    assert "Flyttet ind" in words(mine)
    assert "Familien er spurgt" not in words(mine)


def test_a_caseworker_sees_in_what_way_the_family_is_asked_and_the_receiver_does_not(sqlite_world: World, http):
    sqlite_world.platform = replace(sqlite_world.platform, may_email_families=False)
    sqlite_world.home()
    sqlite_world.flag(family())
    sqlite_world.until(QuestionKind.ACCEPTANCE)

    mine = look(http, "/mine?show=cases", sitting(sqlite_world, ODENSE, "sagsbehandler-1"))
    theirs = look(http, "/mine?show=cases", name(sqlite_world, "municipality:0450", Role.APPROVER))

    assert "Ikke endnu: brevet skal printes og sendes med posten" in words(mine)
    assert "TF-2026-00001" in theirs.text
    assert "Familien er spurgt" not in words(theirs)

"""Areas that are listed later, and addresses that say in which area a home lies."""

import asyncio
from datetime import date

import pytest
from sqlmodel import col, select

from domain.homes.area import AreaStatus
from domain.questions.question import QuestionKind
from storage.areas.area_names import MOST_OPEN, AreaName
from storage.areas.places import Area, AreaListing
from storage.effect.effects import effects
from storage.referrals.referrals import Referral
from tasks.feeds import night as syncing
from tests.tasks.path.areas_asked_about import LISTED, asked, in_areas, suggested_homes
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.feed_nights import ROW, feed, night
from tests.world.world import World

ADDRESS = "0a3f507a-b8e5-32b8-e044-0003ba298018"


@pytest.fixture(autouse=True)
def an_area_is_listed_where_families_are_sent(request):
    world: World = request.getfixturevalue("world" if "world" in request.fixturenames else "sqlite_world")
    with world.platform.database.writing() as session:
        area = Area(municipality="0450", name=LISTED)
        session.add(area)
        session.flush()
        session.add(
            AreaListing(area_id=area.id, status=AreaStatus.VULNERABLE, published=date(2022, 12, 1), source="a test")
        )


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


def test_an_area_that_comes_on_a_list_stops_the_homes_that_are_there_already(sqlite_world: World):
    feed(sqlite_world, *in_areas("Engparken", municipality="0430"))
    night(sqlite_world)
    with sqlite_world.platform.database.writing() as session:
        area = Area(municipality="0430", name="Engparken")
        session.add(area)
        session.flush()
        session.add(
            AreaListing(area_id=area.id, status=AreaStatus.VULNERABLE, published=date(2022, 12, 1), source="a test")
        )
    sqlite_world.flag(family())
    assert suggested_homes(sqlite_world) == set()


def test_a_home_that_turns_out_to_lie_in_a_listed_area_is_not_put_forward(sqlite_world: World):
    feed(sqlite_world, *in_areas(None))
    night(sqlite_world)
    sqlite_world.flag(family())
    assert suggested_homes(sqlite_world) == {"havblik-1"}

    feed(sqlite_world, *in_areas("Ålykken"))
    night(sqlite_world)
    sqlite_world.answer(QuestionKind.OFFER)
    sqlite_world.settle()

    assert sqlite_world.questions(QuestionKind.APPROVAL) == []


def test_the_address_list_decides_before_any_name(sqlite_world: World, tilflyt: CommandLine, tmp_path):
    other = ADDRESS.replace("0a3f", "0b3f")
    feed(
        sqlite_world,
        ROW | {"external_id": "named-none", "dar_address_id": ADDRESS},
        ROW | {"external_id": "named-listed", "dar_address_id": other, "area": "Ålykken"},
    )
    night(sqlite_world)
    table = tmp_path / "addresses.csv"
    head = "dar_address_id,municipality_code,area\n"
    table.write_text(f"{head}{ADDRESS.upper()},0450,ålykken\n{other},0450,Strandvænget\n")
    assert "row 2: area is no known area" in tilflyt("areas", "addresses", str(table), code=1)
    table.write_text(f"{head}{ADDRESS.upper()},0450,{LISTED}\n{other},0450,\n")
    assert "2 addresses" in tilflyt("areas", "addresses", str(table))

    sqlite_world.flag(family())
    assert suggested_homes(sqlite_world) == {"named-listed"}


def test_an_address_that_stands_in_two_areas_lies_in_neither(tilflyt: CommandLine, tmp_path):
    table, head = tmp_path / "addresses.csv", "dar_address_id,municipality_code,area\n"
    listed = f"{ADDRESS},0450,{LISTED}\n"
    table.write_text(f"{head}{listed}{ADDRESS.upper()},0450,\n")
    assert "row 2: dar_address_id stood before, with another area" in tilflyt("areas", "addresses", str(table), code=1)
    table.write_text(f"{head}{listed}{listed}")
    assert "1 addresses" in tilflyt("areas", "addresses", str(table))


def test_who_names_every_home_anew_drowns_nobody(sqlite_world: World):
    feed(
        sqlite_world, *in_areas(*(f"Kvarter {number}" for number in range(MOST_OPEN + 20))), ROW | {"external_id": "n"}
    )
    night(sqlite_world)
    night(sqlite_world)

    assert len(asked(sqlite_world)) == MOST_OPEN
    assert len(asked(sqlite_world, "too_many_areas")) == 1
    sqlite_world.flag(family())
    assert suggested_homes(sqlite_world) == {"n"}


def test_a_dry_run_asks_nobody(sqlite_world: World):
    feed(sqlite_world, *in_areas("Strandkvarteret"))
    asyncio.run(syncing.sync(sqlite_world.platform, "havblik", dry_run=True))
    assert asked(sqlite_world) == []


@pytest.mark.parametrize(
    ("written", "area"),
    [("VOLLSMOSE", "Vollsmose"), ("Solbakken m.v.", "Solbakken mv."), ("Vollsmose, Odense", "Vollsmose")],
)
def test_the_area_that_a_flag_names_is_known_however_it_is_written(sqlite_world: World, written: str, area: str):
    sqlite_world.flag(family(from_area=written))
    known = sqlite_world.rows(select(Area.name).join(Referral, col(Referral.from_area_id) == Area.id))
    assert (known, asked(sqlite_world)) == ([area], [])


def test_an_unknown_area_of_a_flag_is_asked_about_once_and_then_known(sqlite_world: World, tilflyt: CommandLine):
    sqlite_world.home()
    sqlite_world.flag(family(1, from_area="Det gamle Vollsmose"), family(2, from_area="det gamle vollsmose"))
    assert asked(sqlite_world) == ["0461, municipality:0461"]
    tilflyt("areas", "is", "0461", "Det gamle Vollsmose", "Vollsmose")
    sqlite_world.flag(family(3, from_area="Det gamle Vollsmose"))
    assert len({row.from_area_id for row in sqlite_world.rows(select(Referral))} - {None}) == 1
    assert asked(sqlite_world) == []
    sqlite_world.housed()
    with sqlite_world.platform.database.reading() as session:
        assert [effect.area for effect in effects(session)] == ["Vollsmose"]


def test_what_may_be_where_a_family_lives_is_not_kept(sqlite_world: World, tilflyt: CommandLine):
    sqlite_world.flag(family(from_area="Egeparken 12, 3. tv"))
    assert sqlite_world.rows(select(AreaName)) == []
    assert sqlite_world.referral().from_area_name is None
    assert len(asked(sqlite_world, "left_area_unclear")) == 1

    tilflyt("areas", "left", "TF-2026-00001", "vollsmose", "--by", "Maria Hansen")
    assert asked(sqlite_world, "left_area_unclear") == []
    assert sqlite_world.rows(select(Area.name).join(Referral, col(Referral.from_area_id) == Area.id)) == ["Vollsmose"]

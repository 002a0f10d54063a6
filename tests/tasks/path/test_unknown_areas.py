"""No home in a listed area is suggested, however its area is written; an unknown name is asked about, once."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from domain.audit import Fault
from domain.homes.area import AreaStatus
from domain.questions.question import QuestionKind
from storage.areas.area_names import MOST_OPEN, AreaName
from storage.areas.places import Area, AreaListing
from storage.attention import AttentionItem, open_items
from storage.audit.chain import bind
from storage.audit.verdict import verified
from storage.columns import id_of
from storage.effect.effects import effects
from storage.questions.questions import suggested
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy
from tasks.feeds import night as syncing
from tasks.upkeep.asked_again import ask_again
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.feed_nights import ROW, feed, night
from tests.world.world import World

LISTED = "Bøgelunden/Ålykken"
ADDRESS = "0a3f507a-b8e5-32b8-e044-0003ba298018"
DISGUISES = (
    "BØGELUNDEN/ÅLYKKEN", "bøgelunden", "Ålykken, Nyborg", "Aalykken", "A\u030alykken", "Boegelunden",
    "Ålykken (Blok C)", "Bøge\u200blunden", "Bøge\u00adlunden", "Bøgelunden\u00a0/ Ålykken",
    "Bøgelunden og omegn, Ålykken",
)  # fmt: skip


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


def in_areas(*names: str | None, **changes: object) -> list[dict]:
    return [ROW | {"external_id": f"havblik-{number}", "area": name} | changes for number, name in enumerate(names, 1)]


def suggested_homes(world: World) -> set[str]:
    """The homes that are suggested to a family that looks now, by their ids."""
    world.until(QuestionKind.OFFER)
    with world.platform.database.reading() as session:
        found = [home for asked in world.questions(QuestionKind.OFFER) for home in suggested(session, id_of(asked))]
        return {session.get_one(Vacancy, home).external_id for home in found}


def asked(world: World, code: str = "unknown_area") -> list[str]:
    with world.platform.database.reading() as session:
        return [item.detail for item in open_items(session) if item.code == code]


def look_again(world: World) -> set[str]:
    world.clock.move_on(timedelta(days=1, minutes=1))
    return suggested_homes(world)


def test_a_listed_area_is_known_however_it_is_written(sqlite_world: World):
    feed(sqlite_world, *in_areas(*DISGUISES), ROW | {"external_id": "in-none"})
    found = night(sqlite_world)
    # What is not seen is no part of a name for the contract, and its row waits in quarantine.
    assert (found.appeared, found.quarantined) == (len(DISGUISES) - 1, 2)
    sqlite_world.flag(family())

    assert suggested_homes(sqlite_world) == {"in-none"}
    assert asked(sqlite_world) == []


def test_an_unknown_name_is_asked_about_once_and_its_homes_wait_for_the_answer(world: World):
    feed(world, *in_areas("Strandkvarteret", "STRANDKVARTERET", "Strand\u200bkvarteret"))
    night(world)
    night(world)
    world.flag(family())

    assert suggested_homes(world) == set()
    assert asked(world) == ["0450, association:havblik"]
    with world.platform.database.reading() as session:
        items = " ".join(f"{item.subject} {item.detail}" for item in open_items(session))
    assert "strand" not in items.lower()


def test_who_says_that_it_is_no_listed_area_lets_its_homes_be_suggested(sqlite_world: World, tilflyt: CommandLine):
    feed(sqlite_world, *in_areas("Strandkvarteret", "Ålykke Nord"))
    night(sqlite_world)
    sqlite_world.flag(family())
    assert suggested_homes(sqlite_world) == set()
    assert "Strandkvarteret" in tilflyt("areas", "list")

    tilflyt("areas", "none", "0450", "strandkvarteret", "--by", "Maria Hansen")
    tilflyt("areas", "is", "0450", "ÅLYKKE  NORD", "Ålykken", "--by", "Maria Hansen")

    assert asked(sqlite_world) == []
    assert look_again(sqlite_world) == {"havblik-1"}
    night(sqlite_world)
    assert asked(sqlite_world) == [], "what was said is known"
    told = tilflyt("areas", "list", "--all", "--json")
    assert '"means": "no listed area"' in told and '"means": "Bøgelunden/Ålykken"' in told
    assert told.count("Maria Hansen (os: ") == 2


def test_what_somebody_wrote_as_a_name_is_kept_until_it_is_answered_and_no_longer(
    sqlite_world: World, tilflyt: CommandLine
):
    """It may be a person's name; folded, the answer is known again."""
    feed(sqlite_world, *in_areas("Enkefru Hansens Gård"))
    night(sqlite_world)
    assert "Enkefru Hansens Gård" in tilflyt("areas", "list")
    assert "Enkefru" not in str(sqlite_world.rows(select(AttentionItem)))

    tilflyt("areas", "none", "0450", "Enkefru Hansens Gård")
    tilflyt("areas", "none", "0450", "Ungkarl Jensens Gård")
    night(sqlite_world)

    assert sqlite_world.rows(select(AreaName.written)) == ["", ""]
    told = tilflyt("areas", "list", "--all")
    assert ("Enkefru Hansens" in told, "enkefruhansensgaard" in told) == (False, True)
    assert asked(sqlite_world) == []


def test_a_name_of_a_load_that_is_held_back_is_still_asked_about(sqlite_world: World):
    bad = [ROW | {"external_id": f"bad-{number}", "rooms": 0} for number in range(20)]
    feed(sqlite_world, *in_areas("Strandkvarteret"), *bad)
    assert night(sqlite_world).why != ()
    assert len(asked(sqlite_world)) == 1

    assert ask_again(sqlite_world.platform) == 0
    assert len(asked(sqlite_world)) == 1


def test_what_was_said_stands_in_the_chain(sqlite_world: World, tilflyt: CommandLine):
    tilflyt("areas", "none", "0450", "Strandkvarteret")
    with sqlite_world.platform.database.writing() as session:
        while bind(session):
            pass
        assert {fault.fault for fault in verified(session).faults} <= {Fault.UNSIGNED}
        row = session.exec(select(AreaName)).one()
        row.said_by = "somebody else"
    with sqlite_world.platform.database.writing() as session:
        assert Fault.EDITED in {fault.fault for fault in verified(session).faults}


@pytest.mark.parametrize(
    "words",
    [
        ("none", "0450", "Ålykken/Bøgelunden / "),
        ("is", "0450", "Strandkvarteret", "Vollsmose"),
        ("none", "9999", "Strandkvarteret"),
        ("none", "0450", "..."),
    ],
)
def test_what_cannot_be_said_is_refused(sqlite_world: World, tilflyt: CommandLine, words):
    if words[2].startswith("Ålykken"):
        words = ("none", "0450", LISTED.upper())
    tilflyt("areas", *words, code=1)
    assert sqlite_world.rows(select(AreaName)) == []


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

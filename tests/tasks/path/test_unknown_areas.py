"""No home in a listed area is suggested, however its area is spelt; about an unknown name staff are asked once."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from domain.audit import Fault
from domain.homes.area import AreaStatus
from storage.areas.area_names import AreaName
from storage.areas.places import Area, AreaListing
from storage.attention import AttentionItem, open_items
from storage.audit.chain import bind
from storage.audit.verdict import verified
from tasks.upkeep.asked_again import ask_again
from tests.tasks.path.areas_asked_about import LISTED, asked, in_areas, suggested_homes
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.feed_nights import ROW, feed, night
from tests.world.world import World

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


def look_again(world: World) -> set[str]:
    world.clock.move_on(timedelta(days=1, minutes=1))
    return suggested_homes(world)


def test_a_listed_area_is_known_however_it_is_written(sqlite_world: World):
    feed(sqlite_world, *in_areas(*DISGUISES), ROW | {"external_id": "in-none"})
    found = night(sqlite_world)
    # The contract allows no invisible signs in a name, so that row waits in quarantine.
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
    """The name may be a person's, so only its folded form is kept, by which the answer is found again."""
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

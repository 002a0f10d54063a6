"""An item that is ticked off while something waits for it returns the next night; else the name in it is deleted."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session, col, select, update

from domain.audit import Fault
from domain.homes.area import AreaStatus
from domain.questions.question import QuestionKind
from storage.areas.area_names import MOST_OPEN, AreaName
from storage.areas.places import Area, AreaListing
from storage.attention import AttentionItem, open_items
from storage.audit.chain import bind
from storage.audit.verdict import verified
from storage.columns import id_of
from storage.outbox import PRINTED
from storage.privacy.shredding import shred
from storage.questions.questions import suggested
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from tasks.upkeep.asked_again import ASKED_AGAIN, ask_again
from tasks.upkeep.attention_rules import RULES
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.world import World

REF = "TF-2026-00001"
HERE = "0450"


def listed(world: World, *names: str) -> None:
    """Have areas listed in the municipality to which families are sent."""
    with world.platform.database.writing() as session:
        for name in names:
            area = Area(municipality=HERE, name=name)
            session.add(area)
            session.flush()
            listing = {"status": AreaStatus.VULNERABLE, "published": date(2022, 12, 1), "source": "a test"}
            session.add(AreaListing(area_id=area.id, **listing))


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    listed(world, "Ålykken")
    folder = tmp_path / "here"
    folder.mkdir()
    return CommandLine(world, monkeypatch, capsys, folder)


@pytest.fixture
def alone(sqlite_world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    """The same on SQLite, for tests in which the database makes no difference."""
    listed(sqlite_world, "Ålykken")
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


def waits(world: World) -> list[str]:
    with world.platform.database.reading() as session:
        return [item.code for item in open_items(session)]


def names(world: World) -> list[tuple[str, bool]]:
    return [(row.compared, row.said_at is not None) for row in world.rows(select(AreaName).order_by(AreaName.id))]


def chain_holds(world: World) -> bool:
    with world.platform.database.writing() as session:
        while bind(session):
            pass
        return {fault.fault for fault in verified(session).faults} <= {Fault.UNSIGNED}


def off_the_market(session: Session) -> None:
    session.execute(update(Vacancy).values(standing=VacancyStanding.WITHDRAWN))


def test_every_kind_that_is_asked_again_has_a_rule_that_closes_it():
    assert set(ASKED_AGAIN) <= set(RULES)


def test_a_name_that_is_ticked_off_is_asked_about_again_every_night_until_somebody_says(tilflyt: CommandLine):
    world = tilflyt.world
    world.home(area="Strandkvarteret")
    tilflyt("housekeeping", "now")
    assert waits(world) == ["unknown_area"]

    for _ in range(2):
        tilflyt("attention", "--done", "unknown_area", "--by", "Maria Hansen")
        assert waits(world) == []
        assert '"asked_again": 1' in tilflyt("housekeeping", "now", "--json")
        assert waits(world) == ["unknown_area"]
    assert '"asked_again": 0' in tilflyt("housekeeping", "now", "--json")

    tilflyt("areas", "none", HERE, "Strandkvarteret")
    ask_again(world.platform)
    assert (waits(world), names(world)) == ([], [("strandkvarteret", True)])
    assert chain_holds(world)


def test_a_name_that_a_case_waits_for_is_asked_about_again_and_one_of_a_case_that_stopped_is_not(alone: CommandLine):
    world = alone.world
    world.flag(family(from_area="Det gamle Vollsmose"))
    alone("attention", "--done", "unknown_area")
    assert ask_again(world.platform) == 1

    world.withdrawn()
    assert ask_again(world.platform) == 0
    assert (waits(world), names(world)) == ([], [])


def test_what_was_too_much_to_be_asked_about_at_once_is_asked_when_there_is_room(alone: CommandLine):
    """A feed that has not changed brings no names."""
    world = alone.world
    for number in range(MOST_OPEN + 2):
        world.home(area=f"Kvarter {number}")
    ask_again(world.platform)
    assert (waits(world).count("unknown_area"), waits(world).count("too_many_areas")) == (MOST_OPEN, 1)

    for number in range(2):
        alone("areas", "none", HERE, f"Kvarter {number}")
    ask_again(world.platform)

    assert (waits(world).count("unknown_area"), waits(world).count("too_many_areas")) == (MOST_OPEN, 0)


def test_a_name_that_no_home_has_any_more_is_let_go_of_with_what_was_written(tilflyt: CommandLine):
    world = tilflyt.world
    world.home(area="Strandkvarteret")
    ask_again(world.platform)
    with world.platform.database.writing() as session:
        session.execute(update(AreaName).values(written="Hos Jens Hansen"))
        off_the_market(session)

    ask_again(world.platform)

    assert (waits(world), names(world)) == ([], [])
    world.home(area="Solkvarteret")
    ask_again(world.platform)
    assert waits(world) == ["unknown_area"]
    assert chain_holds(world)


def test_a_name_that_a_new_list_knows_holds_nothing_back_any_more(alone: CommandLine):
    world = alone.world
    world.home(area="Solbakken mv.")
    world.flag(family(from_area="Engparken"))
    ask_again(world.platform)
    assert waits(world).count("unknown_area") == 2
    listed(world, "Solbakken mv.")
    with world.platform.database.writing() as session:
        session.add(Area(municipality="0461", name="Engparken"))

    ask_again(world.platform)

    assert (waits(world), names(world)) == ([], [])
    left = select(Area.name).join(Referral, col(Referral.from_area_id) == Area.id)
    assert world.rows(left) == ["Engparken"]


def test_a_department_that_may_be_two_areas_is_asked_about_and_one_that_is_taken_for_one_is_shown_and_put_right(
    alone: CommandLine,
):
    world = alone.world
    listed(world, "Bøgelunden")
    world.home(department="Ålykken og Bøgelunden", external_id="two")
    world.home(department="Bøgelundens Venner", external_id="none")
    world.home(department="Bøgelunden 2", external_id="one")

    ask_again(world.platform)

    assert [(row.written, row.said_at) for row in world.rows(select(AreaName))] == [("Ålykken og Bøgelunden", None)]
    told = alone("areas", "departments", "--json")
    assert '"department": "Bøgelunden 2", "area": "Bøgelunden"' in told
    assert '"department": "Ålykken og Bøgelunden", "area": "one of several: held back"' in told
    assert "Venner" not in told
    world.flag(family())
    world.until(QuestionKind.OFFER)
    assert suggested_homes(world) == {"none"}

    alone("areas", "none", HERE, "bøgelunden  2")
    alone("areas", "is", HERE, "Ålykken og Bøgelunden", "Ålykken")

    assert "Bøgelunden 2" not in alone("areas", "departments", "--json")
    world.flag(family(2))
    world.until(QuestionKind.OFFER)
    assert suggested_homes(world) == {"none", "one"}
    assert "have its association name the area" in alone("areas", "none", HERE, "Bøgelunden", code=1)


def suggested_homes(world: World) -> set[str]:
    with world.platform.database.reading() as session:
        found = [home for asked in world.questions(QuestionKind.OFFER) for home in suggested(session, id_of(asked))]
        return {session.get_one(Vacancy, home).external_id for home in found}


def test_a_left_area_that_is_unclear_is_asked_about_again_until_somebody_says(alone: CommandLine):
    world = alone.world
    world.flag(family(from_area="Egeparken 12, 3. tv"))
    alone("attention", "--done", "left_area_unclear")
    assert ask_again(world.platform) == 1
    assert waits(world) == ["left_area_unclear"]

    alone("areas", "left", REF, "")
    assert ask_again(world.platform) == 0


def test_a_letter_that_is_ticked_off_and_was_not_posted_is_asked_about_again(alone: CommandLine, tmp_path: Path):
    world = alone.world
    world.platform = replace(world.platform, may_email_families=False)
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    alone("attention", "--done", "letter_by_hand")
    assert ask_again(world.platform) == 1
    assert waits(world) == ["letter_by_hand"]

    alone("letter", "print", REF, str(tmp_path / "brev.pdf"))
    alone("attention", "--done", PRINTED)
    assert ask_again(world.platform) == 1
    assert waits(world) == [PRINTED]

    alone("letter", "posted", REF)
    assert ask_again(world.platform) == 0


def test_what_a_flag_wrote_as_its_area_goes_with_the_family(alone: CommandLine):
    world = alone.world
    world.flag(family(from_area="Det gamle Vollsmose"))
    alone("areas", "is", "0461", "Det gamle Vollsmose", "Vollsmose")
    world.withdrawn()
    platform = world.platform

    shred(platform.database, platform.vault, world.referral(), by="t", why="t", now=world.clock.now())

    assert world.referral().from_area_name is None
    assert world.referral().from_area_id is not None


def test_who_ticks_off_what_nothing_waits_for_is_not_asked_again(alone: CommandLine):
    world = alone.world
    with world.platform.database.writing() as session:
        item = AttentionItem(subject="mailbox:unread", code="mail_to_read", opened_at=world.clock.now())
        session.add(item)
    alone("attention", "--done", "mail_to_read")
    assert ask_again(world.platform) == 0

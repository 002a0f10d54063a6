"""Schedules: one run has the turn, no crash keeps it, and a person is told when a schedule has not run."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from deployments.cli.families.looking import attention_list
from deployments.worker.patience import Patience
from deployments.worker.served_schedules import ServedSchedules
from domain.errors import Unexpected
from domain.parties import party
from flows.partners import each_partner
from storage.database import Database
from storage.operations.schedules import (
    NO_WORKER,
    TURN_LASTS,
    Schedule,
    all_schedules,
    ask_about_illegible,
    ask_about_late,
    end_turn,
    forget_schedules,
    keep_turns,
    put_off_missed,
    remember_schedule,
    see_schedules,
    take_turn,
    turns_kept,
)
from storage.parties.partners import PartnerVersion
from storage.settings import load_settings
from tasks import runs
from tasks.feeds.synced_feeds import associations_with_a_feed, feeds_of_the_night
from tasks.intake import intake
from tasks.intake.intake import municipalities_that_flag
from tests.world.commands import CommandLine
from tests.world.operators import look, sitting
from tests.world.served import browsing, serving, words
from tests.world.world import World

NIGHT = "vacancy-sync/night"
NOW = datetime(2026, 3, 2, 2, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def night(database: Database) -> Database:
    """A database in which a worker has set up the night's schedule."""
    with database.writing() as session:
        remember_schedule(session, NIGHT, "18 2 * * *", due_by=NOW + 4 * HOUR)
    return database


def late(database: Database, *, now: datetime) -> list[str]:
    """The items on the attention list after a worker has looked."""
    with database.writing() as session:
        see_schedules(session, now=now)
        ask_about_late(session, now=now)
    return [one["about"] for one in attention_list(database) if one["why"] == "schedule_not_run"]


def test_a_turn_is_one_runs_alone_for_as_long_as_it_says_that_it_is_at_work(night: Database):
    with night.writing() as session:
        assert take_turn(session, NIGHT, "first", now=NOW)
        assert not take_turn(session, NIGHT, "second", now=NOW + TURN_LASTS / 2)
        keep_turns(session, ["first"], now=NOW + TURN_LASTS / 2)
        assert not take_turn(session, NIGHT, "second", now=NOW + TURN_LASTS)
        assert turns_kept(session, now=NOW + TURN_LASTS) == {"first"}
        end_turn(session, NIGHT, "first", due_by=None, now=NOW + HOUR)
        assert turns_kept(session, now=NOW + HOUR) == set()
        assert take_turn(session, NIGHT, "second", now=NOW + HOUR)
        assert not take_turn(session, "no/such", "third", now=NOW)


def test_a_run_that_was_killed_keeps_its_turn_no_longer_than_its_last_word_and_ends_nobody_elses(night: Database):
    with night.writing() as session:
        assert take_turn(session, NIGHT, "killed", now=NOW)
        assert take_turn(session, NIGHT, "next", now=NOW + TURN_LASTS)
        end_turn(session, NIGHT, "killed", due_by=None, now=NOW + TURN_LASTS)
        assert turns_kept(session, now=NOW + TURN_LASTS) == {"next"}


def test_what_has_not_run_is_asked_about_until_it_has(night: Database):
    assert late(night, now=NOW + 4 * HOUR) == []
    assert late(night, now=NOW + 5 * HOUR) == [f"schedule:{NIGHT}"]
    with night.writing() as session:
        # A run that was cut off does not count, and setting up the same schedule again changes nothing.
        take_turn(session, NIGHT, "cut off", now=NOW + 5 * HOUR)
        end_turn(session, NIGHT, "cut off", due_by=None, now=NOW + 6 * HOUR)
        remember_schedule(session, NIGHT, "18 2 * * *", due_by=NOW + 24 * HOUR)
    assert late(night, now=NOW + 7 * HOUR) == [f"schedule:{NIGHT}"]
    with night.writing() as session:
        take_turn(session, NIGHT, "whole", now=NOW + 8 * HOUR)
        end_turn(session, NIGHT, "whole", due_by=NOW + 28 * HOUR, now=NOW + 9 * HOUR)
    assert [one["why"] for one in attention_list(night)] == []
    assert late(night, now=NOW + 10 * HOUR) == []


def items(database: Database) -> list[tuple[str, str]]:
    return [(one["about"], one["detail"]) for one in attention_list(database) if one["why"] == "schedule_not_run"]


async def come_up(world: World, *, at: datetime) -> None:
    """A worker starts, and looks once for late schedules."""
    served = ServedSchedules(world.platform, load_settings(_env_file=None), Patience(), worker="w")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("deployments.worker.served_schedules.datetime", stopped_at(at))
        patched.setattr("deployments.worker.served_schedules.LOOKED_AFTER_EVERY_S", 0)
        looking = asyncio.create_task(served.see_what_is_late())
        seen = False
        while not seen:
            await asyncio.sleep(0.01)
            seen = all(one.seen_at == at for one in world.rows(select(Schedule)))
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def stopped_at(moment: datetime) -> type[datetime]:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz=None) -> datetime:
            return moment.astimezone(tz)

    return Stopped


async def test_what_came_due_while_no_worker_was_there_is_one_thing_to_look_at_and_gets_its_chance(
    sqlite_world: World,
):
    database = sqlite_world.platform.database
    crons = {NIGHT: "18 2 * * *", "housekeeping/every-night": "41 3 * * *", "intake/poll": "*/5 * * * *"}
    with database.writing() as session:
        for hours, (name, cron) in enumerate(crons.items(), 1):
            remember_schedule(session, name, cron, due_by=NOW + hours * HOUR)
        see_schedules(session, now=NOW)

    # A new installation whose worker ends at once: two days later somebody looks at the list.
    with database.writing() as session:
        ask_about_late(session, now=NOW + 2 * HOUR)
        ask_about_late(session, now=NOW + 48 * HOUR)
    told = "no worker was there to run housekeeping/every-night, intake/poll, vacancy-sync/night"
    assert items(database) == [(str(NO_WORKER), told)]

    # The worker is back: nothing was late while a worker ran, so the list is empty.
    back = NOW + 48 * HOUR
    await come_up(sqlite_world, at=back)
    assert items(database) == []
    due = {one.name: one.due_by for one in sqlite_world.rows(select(Schedule))}
    assert all(back < moment < back + 28 * HOUR for moment in due.values())

    # Each schedule is listed when its own time has passed while a worker runs.
    assert late(database, now=due["intake/poll"] + HOUR) == ["schedule:intake/poll"]
    assert sorted(late(database, now=max(due.values()) + HOUR)) == sorted(f"schedule:{name}" for name in due)


def test_what_has_not_run_since_it_was_put_off_is_put_off_no_second_time(night: Database):
    """Otherwise a schedule whose time always falls while the worker is stopped, as at night, would never be listed."""

    def due_after_a_worker_came_up(*, now: datetime) -> datetime:
        with night.writing() as session:
            put_off_missed(session, {NIGHT: now + 24 * HOUR}, now=now)
        with night.reading() as session:
            return all_schedules(session)[0].due_by

    first, second, third = (NOW + days * 48 * HOUR for days in (1, 2, 3))
    assert due_after_a_worker_came_up(now=first) == first + 24 * HOUR
    assert due_after_a_worker_came_up(now=second) == first + 24 * HOUR
    assert late(night, now=second) == [f"schedule:{NIGHT}"]
    with night.writing() as session:
        take_turn(session, NIGHT, "whole", now=second)
        end_turn(session, NIGHT, "whole", due_by=second + 24 * HOUR, now=second + HOUR)
    assert due_after_a_worker_came_up(now=third) == third + 24 * HOUR


def test_what_is_scheduled_no_more_is_waited_for_no_more(night: Database):
    assert late(night, now=NOW + 5 * HOUR) == [f"schedule:{NIGHT}"]
    with night.writing() as session:
        forget_schedules(session, but=[], now=NOW)
        assert all_schedules(session) == []
    assert attention_list(night) == []


def test_attention_doctor_and_the_operations_page_tell_of_it_where_no_worker_runs(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path
):
    tilflyt = CommandLine(world, monkeypatch, capsys, tmp_path)
    assert "nothing is set up to run by itself" in tilflyt("doctor", "--json", code=1)
    with world.platform.database.writing() as session:
        remember_schedule(session, NIGHT, "18 2 * * *", due_by=NOW)
        remember_schedule(session, "intake/poll", "*/5 * * * *", due_by=datetime.now(UTC) + HOUR)

    assert f"no worker was there to run {NIGHT}" in (told := tilflyt("attention"))
    assert "schedule_not_run" in told
    assert "intake/poll" not in told
    assert f"{NIGHT} should have run by 2026-03-02 02:18 UTC" in tilflyt("doctor", "--json", code=1)
    with serving(world) as origin, browsing(origin) as http:
        page = words(look(http, "/drift", sitting(world)))
    assert "Noget, der skal køre af sig selv, har ikke kørt til tiden" in page
    assert f"{NIGHT} 18 2 * * * Ikke endnu Har ikke kørt til tiden" in page


def test_a_party_that_cannot_be_read_stops_no_other_and_a_person_hears_of_it(world: World):
    with world.platform.database.writing() as session:
        broken = update(PartnerVersion).where(
            col(PartnerVersion.party).in_(["association:havblik", "municipality:0461"])
        )
        session.execute(broken.values(document="{}"))
        ask_about_illegible(session, now=NOW)
    assert associations_with_a_feed(world.platform) == ["kloeverlykken", "skovbrynet"]
    assert municipalities_that_flag(world.platform) == ["0751"]
    asked = {one["about"] for one in attention_list(world.platform.database) if one["why"] == "party_illegible"}
    assert asked == {"association:havblik", "municipality:0461"}


async def test_one_case_system_that_makes_our_code_fail_stops_no_other(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
):
    async def take_in(_platform, municipality, **_):
        if municipality == "0461":
            raise ZeroDivisionError
        return intake.IntakeReport(municipality)

    monkeypatch.setattr(intake, "take_in", take_in)
    monkeypatch.setattr(runs, "current", lambda: sqlite_world.platform)
    reports, silent = await each_partner(runs.take_in.fn, ["0461", "0751"])

    assert [report.municipality for report in reports] == ["0751"]
    assert silent == [f"0461 ({Unexpected.code})"]
    (item,) = attention_list(sqlite_world.platform.database)
    assert (item["about"], item["why"]) == (party.municipality("0461"), "unexpected")
    assert item["detail"].startswith("ZeroDivisionError")


def test_a_feed_whose_own_schedule_nobody_could_set_up_goes_with_the_night(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
):
    own = {"havblik": "0 30 4 * * *", "kloeverlykken": "5 4 * * *", "night": "0 1 * * *", "skovbrynet": None}
    monkeypatch.setattr("tasks.feeds.synced_feeds.feed_schedules", lambda _: own)
    with sqlite_world.platform.database.writing() as session:
        for name, cron in (("night", "18 2 * * *"), ("kloeverlykken", "5 4 * * *")):
            remember_schedule(session, f"vacancy-sync/{name}", cron, due_by=NOW)
    assert feeds_of_the_night(sqlite_world.platform) == ["havblik", "night", "skovbrynet"]

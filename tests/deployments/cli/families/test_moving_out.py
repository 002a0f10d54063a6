"""A move-out within the guarantee reverses the booking, once, also when it is recorded later."""

from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from deployments.cli.actor import carry_out
from domain.books.booking import BookingKind
from domain.referrals.lifecycle import Status
from domain.working_days import COPENHAGEN
from storage.books.ledger import Booking, sum_ore
from storage.effect.effects import effects
from storage.referrals.history import HistoryLine
from storage.staff.families.cases import moved_out
from storage.vacancies.offers import Offer, OfferStanding
from tests.world.at_once import all_at_once
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.world import World

REFERENCE = "TF-2026-00001"
GUARANTEE = 180


def housed_family(world: World) -> None:
    world.home()
    world.flag(family())
    world.housed()


world = world_after(housed_family)


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def day(world: World, days: int) -> date:
    """The day in Copenhagen so many days from now."""
    return (world.clock.now() + timedelta(days=days)).astimezone(COPENHAGEN).date()


def bookings(world: World) -> list[BookingKind]:
    return [row.kind for row in world.rows(select(Booking).order_by(col(Booking.id)))]


def closed_by_itself(world: World) -> None:
    world.clock.move_on(timedelta(days=GUARANTEE + 1))
    world.settle()
    assert world.referral().status is Status.CLOSED
    assert bookings(world) == [BookingKind.MOVE_IN]


def posted(world: World) -> list[int]:
    return [posting.amount_ore for system in world.finance() for posting in system.postings.values()]


def test_heard_of_in_time_it_is_booked_at_once_and_the_case_closes(world: World, tilflyt: CommandLine):
    world.clock.move_on(timedelta(days=30))

    tilflyt("referral", "moved-out", REFERENCE, "--on", str(day(world, -3)), "--by", "Maria Hansen")
    assert bookings(world) == [BookingKind.MOVE_IN, BookingKind.REVERSAL]
    world.settle()
    world.settle()

    assert world.referral().status is Status.CLOSED
    assert bookings(world) == [BookingKind.MOVE_IN, BookingKind.REVERSAL]
    assert (len(posted(world)), sum(posted(world))) == (6, 0)
    assert [offer.standing for offer in world.rows(select(Offer))] == [OfferStanding.RELEASED]
    assert world.rows(select(HistoryLine.reason).where(HistoryLine.deed == "closed")) == ["moved_out_early"]


def test_heard_of_when_the_case_was_closed_it_is_booked_and_the_case_stays_closed(world: World, tilflyt: CommandLine):
    last_day = str(day(world, GUARANTEE))
    closed_by_itself(world)
    before = world.referral()

    tilflyt("referral", "moved-out", REFERENCE, "--on", last_day, "--by", "Maria Hansen")
    world.settle()

    after = world.referral()
    assert (after.status, after.status_since, after.version) == (Status.CLOSED, before.status_since, before.version)
    assert bookings(world) == [BookingKind.MOVE_IN, BookingKind.REVERSAL]
    assert (len(posted(world)), sum(posted(world))) == (6, 0)
    (line,) = world.rows(select(HistoryLine).where(HistoryLine.deed == "moved_out"))
    assert (line.actor.startswith("Maria Hansen (os: "), line.at, line.reason) == (True, world.clock.now(), last_day)
    with world.platform.database.reading() as session:
        assert sum_ore(session) == 0
        assert [one.households_moved for one in effects(session)] == []


@pytest.mark.parametrize("closed", [False, True])
def test_recording_a_move_out_twice_changes_nothing_and_another_day_is_refused(
    world: World, tilflyt: CommandLine, closed: bool
):
    on = str(day(world, 1))
    if closed:
        closed_by_itself(world)
    else:
        world.clock.move_on(timedelta(days=9))

    assert "is reversed" in tilflyt("referral", "moved-out", REFERENCE, "--on", on)
    assert "recorded before" in tilflyt("referral", "moved-out", REFERENCE, "--on", on)
    world.settle()
    assert "recorded before" in tilflyt("referral", "moved-out", REFERENCE, "--on", on)
    assert on in tilflyt("referral", "moved-out", REFERENCE, "--on", str(day(world, 0)), code=1)

    assert bookings(world) == [BookingKind.MOVE_IN, BookingKind.REVERSAL]
    assert len(world.rows(select(HistoryLine).where(HistoryLine.deed == "moved_out"))) == 1


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("days", "why"),
    [(-1, "before the family moved in"), (GUARANTEE + 1, "after the guarantee's last day"), (400, "in the future")],
)
def test_a_day_that_reverses_nothing_is_refused_by_a_sentence(
    world: World, tilflyt: CommandLine, closed: bool, days: int, why: str
):
    on = str(day(world, days))
    if closed:
        closed_by_itself(world)
    world.clock.move_on(timedelta(days=0 if days < 0 else GUARANTEE + 1))

    assert why in tilflyt("referral", "moved-out", REFERENCE, "--on", on, code=1)
    assert bookings(world) == [BookingKind.MOVE_IN]
    assert world.referral().moved_out_at is None


def test_a_case_whose_family_never_moved_in_is_refused(world: World, tilflyt: CommandLine):
    world.flag(family(2))

    told = tilflyt("referral", "moved-out", "TF-2026-00002", "--on", str(day(world, 0)), code=1)
    assert "no family of this case has moved in" in told


@pytest.mark.parametrize("closed", [False, True])
def test_eight_at_once_book_once(world: World, closed: bool):
    on = day(world, 1)
    if closed:
        closed_by_itself(world)
    world.clock.move_on(timedelta(days=1))
    told_key, now = world.platform.vault.told_key(now=world.clock.now()), world.clock.now()
    record = partial(
        carry_out, world.platform.database, moved_out, REFERENCE, on=on, told_key=told_key, by="x", now=now
    )

    new = all_at_once([record] * 8)

    assert sorted(new) == [False] * 7 + [True]
    assert bookings(world) == [BookingKind.MOVE_IN, BookingKind.REVERSAL]
    assert len(world.rows(select(HistoryLine).where(HistoryLine.deed == "moved_out"))) == 1


def test_what_an_earlier_version_recorded_and_did_not_book_is_booked_when_the_case_closes(world: World):
    with world.platform.database.writing() as session:
        referral = world.referral()
        referral.moved_out_at = referral.due_at = world.clock.now()
        session.merge(referral)
    world.settle()

    assert world.referral().status is Status.CLOSED
    assert bookings(world) == [BookingKind.MOVE_IN, BookingKind.REVERSAL]
    assert (len(posted(world)), sum(posted(world))) == (6, 0)

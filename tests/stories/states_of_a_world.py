"""Worlds in the state just before a deed is due, and the deeds."""

import asyncio
import itertools
import json
from contextlib import suppress
from datetime import timedelta

from sqlmodel import select

from domain.errors import MovedMeanwhile
from domain.feeds.breaker import FeedTerms
from domain.ports.vacancy_feed import RawVacancy
from domain.questions.question import Answer, QuestionKind
from domain.referrals.household import FlaggedWithdrawal, RefusedFlag
from storage.feeds.push import push
from storage.parties.partners import partner_of
from storage.privacy.retention import record_receipt
from storage.vault.entries import VaultEntry
from tasks.asking.deadlines import remind_and_close
from tasks.delivery.lanes import deliver_lane, due_lanes
from tasks.feeds.night import sync
from tasks.intake import intake
from tasks.path.legs import LEGS
from tasks.path.moves import due, move_each
from tasks.platform import Platform
from tests.stories.letters_of_a_world import asked
from tests.world.families import family
from tests.world.feed_nights import FEED_URL, homes
from tests.world.in_process import InProcessFeed
from tests.world.world import World

LONG = timedelta(days=60)


def flagged(world: World) -> None:
    with world.platform.database.reading() as session:
        system = world.platform.connect("case_system", partner_of(session, "municipality:0461").systems["case_system"])
    system.families += [family(number) for number in range(1, 5)]
    system.refused += [RefusedFlag("flag-9", "need.rooms_min", "missing"), RefusedFlag("row:7", "flag_id", "missing")]
    system.withdrawals += [FlaggedWithdrawal("stop-1", "sag-0461-77", "consent_withdrawn")]


def near_its_deadline(world: World) -> None:
    asked(world)
    world.clock.at = world.questions(QuestionKind.APPROVAL)[0].remind_at


def past_its_deadline(world: World) -> None:
    asked(world)
    world.clock.at = world.questions(QuestionKind.APPROVAL)[0].answer_by


def past_its_grace(world: World) -> None:
    asked(world)
    world.clock.at = world.questions(QuestionKind.APPROVAL)[0].expires_at


def nobody_signs_off(world: World) -> None:
    world.flag(*(family(number) for number in range(1, 6)))
    world.settle()
    world.clock.at = max(one.answer_by for one in world.questions(QuestionKind.SIGN_OFF))


def consents_end(world: World) -> None:
    world.flag(family(1), family(2))
    world.settle()
    world.clock.move_on(timedelta(days=330))


def consents_have_ended(world: World) -> None:
    consents_end(world)
    world.clock.move_on(LONG)


def to_be_shredded(world: World) -> None:
    world.withdrawn()
    with world.platform.database.writing() as session:
        record_receipt(session, world.referral(), "AK-1", by="archive", now=world.clock.now())
    world.clock.move_on(timedelta(days=1900))


def not_archived(world: World) -> None:
    world.withdrawn()
    world.clock.move_on(timedelta(days=1900))


def sealed_before(world: World) -> None:
    asked(world)
    with world.platform.database.writing() as session:
        for entry in session.exec(select(VaultEntry)):
            entry.bound_to_reference = False
            session.add(entry)


def first_night(world: World) -> None:
    feed = world.partners.systems.setdefault(("vacancy_feed", FEED_URL), InProcessFeed())
    feed.raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(homes(4), 1)]


def second_night(world: World) -> None:
    first_night(world)
    asyncio.run(sync(world.platform, "havblik"))
    world.partners.systems["vacancy_feed", FEED_URL].raw = []
    world.clock.move_on(timedelta(days=1))


def sent_by_themselves(world: World) -> None:
    raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(homes(3), 1)]
    now = world.clock.now()
    push(world.platform.database, "havblik", raw, terms=FeedTerms(), key="k", digest="k", now=now)


def all_answered(world: World) -> None:
    for number in range(1, 4):
        world.home()
        world.flag(family(number))
    world.carry()
    for _ in range(len(world.questions(QuestionKind.SIGN_OFF))):
        world.answer(QuestionKind.SIGN_OFF, nth=0)


def one_is_housed(world: World) -> None:
    world.home()
    world.flag(family())
    world.until(QuestionKind.MOVE_IN)
    world.answer(QuestionKind.MOVE_IN)


def one_withdraws(world: World) -> None:
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)
    world.answer(QuestionKind.ACCEPTANCE, Answer.WITHDRAW)
    world.carry(1)


def to_be_told(world: World) -> None:
    world.home()
    world.flag(family())
    world.carry()


def reason_has_passed(world: World) -> None:
    nobody_signs_off(world)
    remind_and_close(world.platform)
    while world.questions(QuestionKind.SIGN_OFF):
        world.answer(QuestionKind.SIGN_OFF)


def the_path(platform: Platform) -> None:
    for leg in LEGS.values():
        move_each(platform, leg, [one.id for one in due(platform, leg, now=platform.now())])


_workers = itertools.count()


def delivery(platform: Platform) -> None:
    worker = f"worker-{next(_workers)}"

    async def all_lanes() -> None:
        for lane in due_lanes(platform):
            await deliver_lane(platform, lane, worker=worker)

    asyncio.run(all_lanes())


def intake_of_odense(platform: Platform) -> None:
    asyncio.run(intake.take_in(platform, "0461"))


def night_of_havblik(platform: Platform) -> None:
    with suppress(MovedMeanwhile):  # the other worker's result counts
        asyncio.run(sync(platform, "havblik"))

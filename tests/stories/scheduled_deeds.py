"""What the platform does by itself, by schedule or in the worker: each deed, and a world in which it is due."""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_string
from email.message import Message

from sqlmodel import select, update

from domain.errors import MovedMeanwhile
from domain.feeds.breaker import FeedTerms
from domain.ports.vacancy_feed import RawVacancy
from domain.questions.question import Answer, QuestionKind
from domain.referrals.household import FlaggedWithdrawal, RefusedFlag
from storage.areas.places import Area
from storage.attention import AttentionItem
from storage.feeds.push import push
from storage.outbox import OutboxRow
from storage.parties.partners import partner
from storage.privacy.retention import record_receipt
from storage.questions.comments import keep_comment, sealing_key
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from storage.vault.entries import VaultEntry
from tasks.asking.deadlines import remind_and_close
from tasks.asking.returned_mail import read_returned_mail
from tasks.delivery.lanes import deliver_lane, due_lanes
from tasks.feeds.night import forget_abandoned, sync
from tasks.feeds.verdict import apply_ready
from tasks.intake import intake
from tasks.path.legs import LEGS
from tasks.path.moves import due, move_each
from tasks.platform import Platform
from tasks.upkeep.asked_again import ask_again
from tasks.upkeep.attention import attend
from tasks.upkeep.chain import bind_to_references, lay_comments_to_rest, note_settings, seal
from tasks.upkeep.consents import follow_consents
from tasks.upkeep.retention import keep_house
from tests.world.families import family
from tests.world.family_letters import have_letters
from tests.world.feed_nights import FEED_URL, homes
from tests.world.in_process import InProcessFeed
from tests.world.world import World

LONG = timedelta(days=60)


@dataclass
class OneMessage:
    """A mailbox that both read before either has marked anything."""

    message_: Message
    read: set[int] = field(default_factory=set)

    @contextmanager
    def opened(self):
        reading = _Reading(self)
        yield reading


@dataclass
class _Reading:
    of: OneMessage
    mine: set[str] = field(default_factory=set)
    name: str = "INBOX"
    read_only: bool = False

    def newest(self) -> int:
        return 1

    def numbers(self, *, above: int, up_to: int | None = None, unread: bool = False) -> list[str]:
        return [] if above >= 1 or (unread and self.mine) else ["1"]

    def message(self, number: str) -> Message:
        return self.of.message_

    def mark_read(self, number: str) -> bool:
        self.mine.add(number)
        return True


def flagged(world: World) -> None:
    with world.platform.database.reading() as session:
        system = world.platform.connect("case_system", partner(session, "municipality:0461").systems["case_system"])
    system.families += [family(number) for number in range(1, 5)]
    system.refused += [RefusedFlag("flag-9", "need.rooms_min", "missing"), RefusedFlag("row:7", "flag_id", "missing")]
    system.withdrawals += [FlaggedWithdrawal("stop-1", "sag-0461-77", "consent_withdrawn")]


def asked(world: World) -> None:
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)


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


def ticked_off(world: World) -> None:
    """A letter and a name that wait, and a name that nothing waits for any more."""
    letter_by_hand(world)
    with world.platform.database.writing() as session:
        session.add(Area(municipality="0450", name="Ålykken"))
    gone = world.home(area="Solkvarteret")
    ask_again(world.platform)
    world.home(area="Strandkvarteret")
    with world.platform.database.writing() as session:
        session.get_one(Vacancy, gone).standing = VacancyStanding.WITHDRAWN
        session.execute(update(AttentionItem).values(closed_at=world.clock.now(), closed_by="t"))


def came_back(world: World) -> None:
    asked(world)
    question = world.questions(QuestionKind.APPROVAL)[0]
    (key,) = [row.key for row in world.rows(select(OutboxRow)) if row.question_id == question.id]
    told = f"""From: MAILER-DAEMON@nyborg.invalid
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.nyborg.invalid

Final-Recipient: rfc822; anvisning@nyborg.invalid
Action: failed
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: <{key}@demo.invalid>

--b--
"""
    world.platform = replace(world.platform, mailbox=OneMessage(message_from_string(told)))


def commented(world: World) -> None:
    asked(world)
    question = world.questions(QuestionKind.APPROVAL)[0]
    world.answer(QuestionKind.APPROVAL)
    with world.platform.database.writing() as session:
        keep_comment(session, question, "Velkommen.", key=sealing_key(session), now=world.clock.now())


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


def without_a_letter_system(world: World) -> None:
    world.platform = replace(world.platform, may_email_families=False)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.answer(QuestionKind.APPROVAL)
    world.carry()


def letter_by_hand(world: World) -> None:
    without_a_letter_system(world)
    world.deliver()
    have_letters(world)


def the_path(platform: Platform) -> None:
    for leg in LEGS:
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
    with suppress(MovedMeanwhile):  # the other's counts
        asyncio.run(sync(platform, "havblik"))


DEEDS: dict[str, tuple[Callable[[World], None], Callable[[Platform], object]]] = {
    "intake": (flagged, intake_of_odense),
    "deadlines: reminders": (near_its_deadline, remind_and_close),
    "deadlines: the chief is told": (past_its_deadline, remind_and_close),
    "deadlines: the wait ends": (past_its_grace, remind_and_close),
    "deadlines: the day's list, and a person is asked": (nobody_signs_off, remind_and_close),
    "housekeeping: consents end soon": (consents_end, follow_consents),
    "housekeeping: consents have ended": (consents_have_ended, follow_consents),
    "housekeeping: shredding": (to_be_shredded, keep_house),
    "housekeeping: the archive is asked": (not_archived, keep_house),
    "housekeeping: what still waits is asked again": (ticked_off, ask_again),
    "returned-mail": (came_back, read_returned_mail),
    "worker: comments laid to rest": (commented, lay_comments_to_rest),
    "worker: seals bound to their references": (sealed_before, bind_to_references),
    "worker: the chain sealed, signed and told": (asked, seal),
    "worker: settings noted": (asked, lambda platform: note_settings(platform, {"world": "demo"})),
    "vacancy-sync: the first night": (first_night, night_of_havblik),
    "vacancy-sync: homes are missing": (second_night, night_of_havblik),
    "accepted-feeds": (sent_by_themselves, apply_ready),
    "vacancy-sync: abandoned loads": (first_night, forget_abandoned),
    "referral-path: signed off": (all_answered, the_path),
    "referral-path: booked": (one_is_housed, the_path),
    "referral-path: withdrawn": (one_withdraws, the_path),
    "worker: attention": (reason_has_passed, attend),
    "worker: letters that a system takes by now": (letter_by_hand, attend),
    "worker: letters by hand": (without_a_letter_system, delivery),
    "worker: delivery": (to_be_told, delivery),
}

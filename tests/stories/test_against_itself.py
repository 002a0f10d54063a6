"""Every scheduled deed, done by two workers at the same instant, leaves what one alone would have left.

Two worlds live through the same days. In one a deed is done once; in the other two platforms do it, on connections of
their own, and wait for each other before each write: both have looked by then, and neither has written. Afterwards
each table holds as many rows in the one as in the other, and the families' keys are as many.
"""

import asyncio
import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import Session, SQLModel, select, update

from deployments.own_postgres import OwnPostgres
from deployments.standins.in_process import InProcessFeed
from deployments.worker.schedules import schedules
from domain.errors import MovedMeanwhile
from domain.feeds.breaker import FeedTerms
from domain.ports.vacancy_feed import RawVacancy
from domain.questions.question import Answer, QuestionKind
from domain.referrals.household import FlaggedWithdrawal, RefusedFlag
from storage.areas.places import Area
from storage.attention import AttentionItem
from storage.database import Database
from storage.feeds.push import push
from storage.outbox import OutboxRow
from storage.parties.partners import partner
from storage.privacy.retention import record_receipt
from storage.questions.comments import keep_comment, sealing_key
from storage.settings import Settings
from storage.vacancies.vacancies import Vacancy, VacancyStanding
from storage.vault.vault import VaultEntry
from tasks.asking.deadlines import remind_and_close
from tasks.asking.returned_mail import read_returned_mail
from tasks.delivery.lanes import deliver_lane, due_lanes
from tasks.feeds.night import forget_abandoned, sync
from tasks.feeds.verdict import apply_ready
from tasks.path import intake
from tasks.path.legs import LEGS, due, move_each
from tasks.platform import Platform
from tasks.upkeep.asked_again import ask_again
from tasks.upkeep.attention import attend
from tasks.upkeep.chain import bind_to_references, lay_comments_to_rest, note_settings, seal
from tasks.upkeep.consents import follow_consents
from tasks.upkeep.retention import keep_house
from tests.conftest import database_for_a_test
from tests.kept import Kept
from tests.tasks.delivery.test_letters_to_families import have_letters
from tests.tasks.feeds.test_syncing import FEED_URL, homes
from tests.world import World, family, vault_in, world_around

# One who does not come was quicker, or has nothing to write.
WAITS_AT_MOST_S = 0.3
LONG = timedelta(days=60)


class Meeting(Database):
    """A database at which two who write meet before each transaction, as long as both come."""

    def __init__(self, url: str, gate: threading.Barrier) -> None:
        super().__init__(url)
        self.gate = gate

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with suppress(threading.BrokenBarrierError):
            self.gate.wait(WAITS_AT_MOST_S)
        with super().writing() as session:
            yield session


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


@pytest.fixture(params=["sqlite", "postgresql"])
def new_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes worlds in which nothing has happened."""
    made: list[World] = []

    def make() -> World:
        folder = tmp_path / f"world-{len(made)}"
        folder.mkdir()
        if request.param == "postgresql":
            server: OwnPostgres = request.getfixturevalue("postgres")
            template: str = request.getfixturevalue("peopled_postgres")
            made.append(world_around(Database(database_for_a_test(server, template)), folder))
        else:
            kept: Kept = request.getfixturevalue("kept_world")
            made.append(kept.again(folder))
        return made[-1]

    yield make
    for world in made:
        world.platform.database.close()


def at_once(world: World, deed: Callable[[Platform], object]) -> list[BaseException]:
    """Two workers do a deed, meeting before each write; what went wrong."""
    gate, wrong = threading.Barrier(2), []
    url = world.platform.database.engine.url.render_as_string(hide_password=False)

    def work() -> None:
        platform = replace(
            world.platform,
            database=Meeting(url, gate),
            vault=vault_in(Path(world.platform.vault.keys.url.removeprefix("sqlite:///")).parent),
        )
        try:
            deed(platform)
        except BaseException as error:  # whatever it is, the test must see it
            wrong.append(error)
        finally:
            platform.database.close()
            platform.vault.keys.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def left(world: World) -> dict[str, int]:
    """How many rows stand where, and how many keys; of letters and items, how many of each kind."""
    with world.platform.database.reading() as session:
        count = lambda table: session.connection().execute(select(func.count()).select_from(table)).scalar_one()  # noqa: E731
        found = {name: count(table) for name, table in SQLModel.metadata.tables.items()}
        told = Counter(f"{row.telling} {row.standing}" for row in session.exec(select(OutboxRow)))
    keys = len(list(world.platform.vault.keys.made_before(world.clock.now() + LONG)))
    # What is sealed anew by two is told twice to the chain, and says the same.
    del found["chained_states"]
    return found | told | {"keys": keys, "mail": len(world.mail.taken)}


@pytest.mark.parametrize("name", DEEDS)
def test_two_who_do_it_at_the_same_instant_leave_what_one_alone_leaves(new_world, name: str):
    prepare, deed = DEEDS[name]
    alone, crowded = new_world(), new_world()
    prepare(alone)
    prepare(crowded)
    assert left(alone) == left(crowded)
    deed(alone.platform)

    wrong = at_once(crowded, deed)

    assert wrong == []
    one, two = left(alone), left(crowded)
    assert {what: (one.get(what, 0), two.get(what, 0)) for what in one | two if one.get(what) != two.get(what)} == {}


def test_every_schedule_is_among_them():
    scheduled = {one.flow.name for one in schedules(Settings(imap_host="imap.invalid"), {})}

    assert scheduled <= {name.partition(":")[0] for name in DEEDS}

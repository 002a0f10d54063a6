"""Items of the attention list, and how the reason of each ends."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlmodel import update

from domain.questions.question import Answer, QuestionKind
from domain.subject import Subject
from storage.attention import ask_for_attention
from storage.lanes import Lane
from storage.privacy.consents import ConsentRecord
from storage.privacy.retention import record_receipt
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import Vacancy
from tasks.upkeep.consents import follow_consents
from tasks.upkeep.retention import keep_house
from tests.world.families import family
from tests.world.world import World

A_DAY = timedelta(days=1)


def ask(world: World, subject: str, code: str, **about: object) -> None:
    with world.platform.database.writing() as session:
        ask_for_attention(session, Subject.read(subject), code, now=world.clock.now(), **about)


def asked(world: World, *, families: int = 1) -> None:
    for number in range(1, families + 1):
        world.home()
        world.flag(family(number))
    world.settle()


def renewed(world: World) -> None:
    with world.platform.database.writing() as session:
        session.execute(update(ConsentRecord).values(ends_on=date(2030, 1, 1)))


def archived(world: World) -> None:
    with world.platform.database.writing() as session:
        record_receipt(session, world.referral(), "AK-1", by="archive", now=world.clock.now())


def moved_on(world: World) -> None:
    with world.platform.database.writing() as session:
        session.execute(update(Referral).values(attempts=0))


def consent_ends(world: World) -> None:
    asked(world)
    world.clock.at += timedelta(days=340)
    follow_consents(world.platform)


def must_be_archived(world: World) -> None:
    world.withdrawn()
    world.clock.at += timedelta(days=1800)
    keep_house(world.platform)


def stays_behind(world: World) -> None:
    asked(world)
    with world.platform.database.writing() as session:
        session.execute(update(Referral).values(attempts=7))
    for code in ("needs_person", "KeyError"):
        ask(world, "referral:TF-2026-00001", code, referral_id=1)


def destination_is_silent(world: World) -> None:
    world.flag(family())
    world.carry()
    with world.platform.database.writing() as session:
        session.execute(update(Lane).where(Lane.name == "mail").values(failures=6))
    ask(world, "lane:mail", "partner_unavailable")


def destination_answers(world: World) -> None:
    with world.platform.database.writing() as session:
        session.execute(update(Lane).values(failures=0))


def home_is_gone(world: World) -> None:
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    with world.platform.database.writing() as session:
        session.execute(update(Vacancy).values(gone_at=world.clock.now()))
    ask(world, "vacancy:1", "gone_while_reserved")


def home_is_back(world: World) -> None:
    with world.platform.database.writing() as session:
        session.execute(update(Vacancy).values(gone_at=None))


def home_is_let_go(world: World) -> None:
    world.answer(QuestionKind.APPROVAL, Answer.NO, "quota_used")
    world.carry()


def parked(world: World) -> None:
    world.flag(family())
    world.until(QuestionKind.OFFER)
    with world.platform.database.writing() as session:
        session.execute(update(Referral).values(parked_until=world.clock.now() + A_DAY * 90))
    ask(world, "referral:TF-2026-00001", "reassess", referral_id=1)


def its_time_comes(world: World) -> None:
    world.clock.at += A_DAY * 91


STORIES: dict[str, tuple[Callable[[World], None], Callable[[World], None], int]] = {
    "a consent that is renewed": (consent_ends, renewed, 1),
    "a case that the archive has": (must_be_archived, archived, 1),
    "a case that goes on": (stays_behind, moved_on, 2),
    "a destination that answers": (destination_is_silent, destination_answers, 1),
    "a home that is announced again": (home_is_gone, home_is_back, 1),
    "a home that is held no more": (home_is_gone, home_is_let_go, 1),
    "a search that goes on": (parked, its_time_comes, 1),
}

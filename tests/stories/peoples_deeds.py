"""The deeds of people, at the endpoint, by mail and from the command line, each in a world in which it is possible.

Each begins with an empty world and leads up to its deed, so that the platform's own deeds on the way are recorded too.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, update
from sqlmodel import Session

from deployments.cli.actor import carry_out
from domain.feeds.breaker import FeedTerms
from domain.ports.vacancy_feed import FeedHead, FeedMark, RawVacancy
from domain.questions.question import Answer, GivenBy, PassedOnBy, QuestionKind, Reply
from domain.referrals.consent import ChildrenHeard, Consent, ConsentGiven, ConsentWithdrawn
from domain.referrals.household import FlaggedWithdrawal
from storage.areas.places import Area
from storage.attention import ask_for_attention
from storage.columns import id_of
from storage.feeds.push import push
from storage.parties.partners import partner_of, remember_partner
from storage.questions.answers import pass_on
from storage.questions.links import count_wrong_digits
from storage.staff.areas import say_left_area, say_what_area
from storage.staff.attention import deal_with_all
from storage.staff.families import cases, consents, rights
from storage.staff.families.answers import record_for_family
from storage.staff.families.letters import post_by_hand, take_posting_back
from storage.staff.leavers import pass_on_from_leavers
from storage.vault.entries import VaultEntry
from storage.vault.person_digests import PersonDigest
from tasks.feeds.ready_loads import apply_ready
from tasks.path.persons import know_persons
from tasks.upkeep.asked_again import ask_again
from tasks.upkeep.seals import bind_to_references
from tests.stories.letters_of_a_world import without_a_letter_system
from tests.stories.scheduled_deeds import second_night
from tests.stories.states_of_a_world import night_of_havblik
from tests.world.families import family
from tests.world.feed_nights import FEED_URL, homes
from tests.world.in_process import InProcessFeed
from tests.world.world import World

REFERENCE = "TF-2026-00001"
Deed = Callable[..., object]


def does(world: World, deed: Deed, *said: object, **named: object) -> object:
    """Carry out a deed, as the command line does."""
    return carry_out(world.platform.database, deed, *said, by="Maria Hansen", now=world.clock.now(), **named)


def asked_for(world: World, kind: QuestionKind) -> None:
    """A family for which everybody has said yes to all questions before this one."""
    world.home()
    world.flag(family())
    world.until(kind)


def housed(world: World) -> None:
    """A family's way from the flag to the end of the guarantee."""
    asked_for(world, QuestionKind.MOVE_IN)
    world.answer(QuestionKind.MOVE_IN)
    world.settle()
    world.clock.move_on(timedelta(days=800))
    world.settle()


def declined(kind: QuestionKind, reason: str) -> Callable[[World], None]:
    """The answer to a question is no, and the search begins again."""

    def life(world: World) -> None:
        asked_for(world, kind)
        world.answer(kind, Answer.NO, reason)
        world.home()
        world.settle()

    return life


def withdrawn_late(world: World) -> None:
    """A case is withdrawn after the family's identity was disclosed to the association."""
    asked_for(world, QuestionKind.MOVE_IN)
    does(world, cases.withdraw, REFERENCE)
    world.settle()


def moved_out(days: int) -> Callable[[World], None]:
    """A family has moved out within a month, and it is said so many days after it moved in; a feed had its home."""

    def life(world: World) -> None:
        second_night(world)
        world.flag(family())
        world.housed()
        on = (world.clock.now() + timedelta(days=20)).date()
        world.clock.move_on(timedelta(days=days))
        world.settle()
        key = world.platform.vault.told_key(now=world.clock.now())
        does(world, cases.moved_out, REFERENCE, on=on, told_key=key)
        world.settle()

    return life


def passed_on(world: World) -> None:
    asked_for(world, QuestionKind.APPROVAL)
    question, now = world.questions(QuestionKind.APPROVAL)[0], world.clock.now()
    to = question.contact_id
    carry_out(world.platform.database, pass_on, question, to=to, by=PassedOnBy.WRONG_DIGITS, now=now)
    world.settle()


def digits_guessed(world: World) -> None:
    asked_for(world, QuestionKind.APPROVAL)
    question = world.questions(QuestionKind.APPROVAL)[0]
    for _ in range(6):
        carry_out(world.platform.database, count_wrong_digits, question, now=world.clock.now())
    world.settle()


def answered_for_a_family(world: World) -> None:
    asked_for(world, QuestionKind.ACCEPTANCE)
    does(world, record_for_family, world.referral(), Reply(Answer.YES, given_by=GivenBy.PHONE))
    world.settle()


def a_consent(world: World) -> None:
    world.flag(family())
    given = world.clock.now().date()
    consent = Consent(given, "sagsbehandler-1", ConsentGiven.ORALLY, ChildrenHeard.NO_CHILDREN, given + timedelta(300))
    does(world, consents.renew, REFERENCE, consent)
    does(world, consents.withdraw, REFERENCE, ConsentWithdrawn.PHONE)
    world.settle()


def put_right(world: World) -> None:
    asked_for(world, QuestionKind.MOVE_IN)
    for field, value in (("cpr", "0101701234"), ("address_protection", True)):
        vault = world.platform.vault
        does(world, rights.correct, vault, world.referral(), field, value, purpose="asked for")
    world.settle()


def a_letter_by_hand(world: World) -> None:
    without_a_letter_system(world)
    world.deliver()
    does(world, post_by_hand, REFERENCE, on=None, holidays=frozenset())
    does(world, take_posting_back, REFERENCE)


def a_name_of_an_area(world: World) -> None:
    """Two families have left an area with an unknown name, and a home has the same area name."""
    world.flag(*(replace(family(number), from_area="Ukendtkvarteret") for number in (1, 2)))
    does(world, say_what_area, "0461", "Ukendtkvarteret", None)
    does(world, say_left_area, id_of(world.referral()), None)


def the_list(world: World) -> None:
    """Items of the attention list about two cases, the later case's first."""
    world.flag(family(1), family(2))
    for reference in ("TF-2026-00002", REFERENCE):
        about = id_of(world.referral(reference))

        def put(session: Session, reference: str = reference, about: int = about) -> None:
            subject = f"referral:{reference}"
            ask_for_attention(session, subject, "reassess", now=world.clock.now(), referral_id=about)

        carry_out(world.platform.database, put)
    does(world, deal_with_all, again=("reassess",), off=())


def somebody_leaves(world: World) -> None:
    """Two contacts who were asked about several families have left their parties."""
    world.flag(*(family(number) for number in range(1, 5)))
    world.settle()
    left = {question.contact_id for question in world.questions()}

    def leave(session: Session) -> None:
        known = partner_of(session, "municipality:0461")
        stay = tuple(one for one in known.contacts if one.id not in left)
        remember_partner(session, replace(known, contacts=stay), now=world.clock.now())
        pass_on_from_leavers(session, now=world.clock.now())

    carry_out(world.platform.database, leave)
    world.settle()


def vacancies_are_sent(world: World) -> None:
    """An association sends homes that it has sent before, with higher rents and in an unknown area."""
    second_night(world)
    rows = [row | {"area": "Ukendtkvarteret", "rent_monthly_ore": 810_000} for row in homes(3)]
    raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(rows, 1)]
    push(world.platform.database, "havblik", raw, terms=FeedTerms(), key="k", digest="k", now=world.clock.now())
    apply_ready(world.platform)


def a_night_that_changes_homes(world: World) -> None:
    """Homes appear, and one is offered to a family; then one home's rent rises, and one and the family's vanish."""

    def night(rows: list[dict], etag: str) -> None:
        feed = world.partners.systems.setdefault(("vacancy_feed", FEED_URL), InProcessFeed())
        feed.raw = [RawVacancy(line, row, json.dumps(row)) for line, row in enumerate(rows, 1)]
        feed.head = FeedHead(FeedMark(etag=etag))
        night_of_havblik(world.platform)
        world.clock.move_on(timedelta(days=1))

    night(homes(20), "1")
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    fewer = [homes(20)[0] | {"rent_monthly_ore": 810_000}, *homes(20)[1:-1]]
    night(fewer, "2")
    # The feed has not changed: a home that was missing is missing for a second night.
    night(fewer, "2")
    night([], "3")


def seals_of_two_cases(world: World) -> None:
    world.flag(family(1), family(2))
    with world.platform.database.writing() as session:
        session.execute(update(VaultEntry).values(bound_to_reference=False))
    bind_to_references(world.platform)


def names_that_a_list_answers(world: World) -> None:
    """Two families have left areas with unknown names, and a new address list has one of the names."""
    world.flag(*(replace(family(number), from_area=f"Ukendtkvarteret {'AB'[number - 1]}") for number in (1, 2)))
    with world.platform.database.writing() as session:
        session.add_all(Area(municipality="0461", name=f"Ukendtkvarteret {letter}") for letter in "AB")
    ask_again(world.platform)


def a_case_system_withdraws(world: World) -> None:
    world.flag(family())
    system = world.case_system()
    system.withdrawals.append(FlaggedWithdrawal("stop-1", "sag-0461-1", "consent_withdrawn"))
    world.flag()
    world.settle()


def a_key_of_persons_was_lost(world: World) -> None:
    world.flag(family())
    with world.platform.database.writing() as session:
        session.execute(delete(PersonDigest))
    know_persons(world.platform)

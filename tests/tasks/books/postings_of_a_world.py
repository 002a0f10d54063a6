"""A world whose families move in, and whose finance systems answer as a test chooses."""

import asyncio
from dataclasses import replace

from sqlmodel import col, select

from deployments.cli.families.looking import attention_list
from domain.parties.bookkeeping import Bookkeeping
from domain.ports.finance import PostingAnswer, PostingVerdict
from domain.questions.question import QuestionKind
from storage.books.bookkeeping.accepted import accepted_bookings
from storage.books.bookkeeping.states import PostingStep
from storage.parties.partners import partner_of, remember_partner
from storage.staff.postings import ToldPosting, correct_posting, postings, settle_posting
from tasks.books.posting_answers import ask_for_answers
from tests.world.families import family
from tests.world.in_process import InProcessFinance
from tests.world.world import World

ODENSE, NYBORG = "municipality:0461", "municipality:0450"
NO = PostingAnswer(PostingVerdict.REJECTED, "account_closed")
TAKEN = PostingAnswer(PostingVerdict.SENT)
YES = PostingAnswer(PostingVerdict.ACCEPTED)


def finance_of(world: World, party: str) -> InProcessFinance:
    """A party's finance system."""
    with world.platform.database.reading() as session:
        found = world.platform.connect("finance", partner_of(session, party).systems["finance"])
    assert isinstance(found, InProcessFinance)
    return found


def keeps_books(world: World, party: str, books: Bookkeeping) -> None:
    """Have a party take its postings in another form."""
    with world.platform.database.writing() as session:
        remember_partner(session, replace(partner_of(session, party), bookkeeping=books), now=world.clock.now())


def moves_in(world: World, number: int = 1) -> None:
    """A family of Odense moves to Nyborg: Odense pays, Nyborg receives for itself and for the department."""
    world.home()
    world.flag(family(number))
    world.until(QuestionKind.MOVE_IN)
    assert world.answer(QuestionKind.MOVE_IN)
    world.settle()


def told(world: World, party: str | None = None) -> list[ToldPosting]:
    with world.platform.database.reading() as session:
        return postings(session, party=party)


def states(world: World, party: str) -> list[str]:
    return [one.state for one in told(world, party)]


def steps(world: World) -> list[tuple[str, str]]:
    """Every line about postings: the state, and from where it is known."""
    rows = world.rows(select(PostingStep).order_by(col(PostingStep.id)))
    return [(str(one.state), str(one.heard_from)) for one in rows]


def why(world: World) -> list[str]:
    return [one["why"] for one in attention_list(world.platform.database)]


def counted(world: World) -> int:
    with world.platform.database.reading() as session:
        return len(accepted_bookings(session))


def asked(world: World):
    return asyncio.run(ask_for_answers(world.platform))


def corrects(world: World, which: str, **changes: str) -> str:
    now = world.clock.now()
    with world.platform.database.writing() as session:
        key = world.platform.vault.told_key(now=now)
        return correct_posting(session, which, **changes, told_key=key, by="Regnskab", now=now)


def settles(world: World, which: str, as_: str) -> None:
    with world.platform.database.writing() as session:
        settle_posting(session, which, as_=as_, by="Regnskab", now=world.clock.now())


def number_of(world: World, party: str, nth: int = 0) -> str:
    return str(told(world, party)[nth].row.id)

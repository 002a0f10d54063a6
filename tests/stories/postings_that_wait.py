"""Worlds in which finance systems have not answered, or postings wait for a run."""

from datetime import date, timedelta

from domain.parties.bookkeeping import Bookkeeping, PostingForm, PostingsFrom
from tests.tasks.books.postings_of_a_world import NYBORG, ODENSE, TAKEN, YES, finance_of, keeps_books, moves_in
from tests.world.world import World

ACCOUNTS = {"default": "5334101", "balance": "9991001"}
AS_CSV = Bookkeeping(postings=(PostingsFrom(PostingForm.CSV, date(2026, 1, 1)),), accounts=ACCOUNTS)


def postings_answered_later(world: World) -> None:
    """Two finance systems have taken postings, and have an answer to them by now."""
    for party in (ODENSE, NYBORG):
        finance_of(world, party).says = [TAKEN, TAKEN]
    moves_in(world)
    for party in (ODENSE, NYBORG):
        system = finance_of(world, party)
        system.later = dict.fromkeys(system.said, YES)


def postings_overdue(world: World) -> None:
    finance_of(world, ODENSE).says = [TAKEN]
    moves_in(world)
    world.clock.move_on(timedelta(days=20))


def postings_in_a_run(world: World) -> None:
    """Postings of two cases wait for the run of their party's file."""
    for party in (ODENSE, NYBORG):
        keeps_books(world, party, AS_CSV)
    moves_in(world)
    moves_in(world, 2)

"""A machine that writes books at random, and the invariants that it looks at after each step."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy.exc import DBAPIError

from domain.books.booking import BookingKind, Entry, reversal_entries
from domain.books.months import last_day_of_month
from domain.books.netting import net_positions
from domain.parties.compensation.model import CompensationTerms
from domain.working_days import day_of
from storage.books.balances import Balance
from storage.books.ledger import Booking, book, sum_ore
from storage.books.periods import close_period
from storage.books.settlements import settle_month
from storage.books.verdict import book_differences
from storage.database import Database
from tests.domain.books.models import models
from tests.storage.books.random_books import AGREEMENTS, Books
from tests.storage.books.written_books import Paid, Written, is_reversal, positions, recomputed

MOST_FAMILIES = 5
# Time passes before each deed, or months would be rare among the steps of a run.
HOURS = st.sampled_from((1, 15, 24 * 9, 24 * 20, 24 * 31, 24 * 70))
TERMS = models() | st.builds(
    CompensationTerms,
    receiving_municipality_ore=st.integers(0, 10**9),
    housing_department_ore=st.integers(1, 10**9),
    reversed_within_days=st.integers(0, 400),
)
OPTED_OUT = st.frozensets(st.sampled_from(("0430", "0450", "0461", "0710", "0751")), max_size=2)
# A charge has two payers and two payees at most, and each share is rounded by half an øre at most.
MOST_ROUNDED_ORE = 2


class AnyBooks(RuleBasedStateMachine):
    """Two agreements between five municipalities, a few families, and a finance department that closes and settles."""

    fresh: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.books = Books(self.fresh())
        self.seen: dict[datetime, list[Balance]] = {}
        self.closed: tuple[date, list[Written]] | None = None
        self.paid: list[tuple[date, list[Paid]]] = []

    def teardown(self) -> None:
        self.books.database.close()

    @initialize(one=TERMS, other=TERMS, opted_out=OPTED_OUT, children=st.integers(0, 9))
    def the_parties_agree_and_two_families_move(self, one, other, opted_out, children) -> None:
        for agreement, terms, gross in zip(AGREEMENTS, (one, other), (opted_out, frozenset()), strict=True):
            self.books.agree(agreement, terms, gross)
            self.books.move_in(agreement, into=1, children=children, reserved_days=20, rent_ore=700_001)

    @rule(hours=HOURS, agreement=st.sampled_from(AGREEMENTS), terms=TERMS, opted_out=OPTED_OUT)
    def an_agreement_has_a_new_version(self, hours, agreement, terms, opted_out) -> None:
        self.time_passes(hours)
        self.books.agree(agreement, terms, opted_out)

    @precondition(lambda self: len(self.books.families) < MOST_FAMILIES)
    @rule(
        hours=HOURS,
        agreement=st.sampled_from(AGREEMENTS),
        into=st.integers(0, 1),
        children=st.integers(0, 9),
        reserved_days=st.integers(0, 80),
        rent_ore=st.integers(100_000, 2_000_000),
    )
    def a_family_moves_in(self, hours: int, **facts: Any) -> None:
        self.time_passes(hours)
        self.books.move_in(**facts)

    def time_passes(self, hours: int) -> None:
        self.books.now += timedelta(hours=hours)
        self.books.book_what_is_due()

    @rule(hours=HOURS, data=st.data(), days_ago=st.integers(0, 40))
    def a_family_moves_out(self, hours: int, data: st.DataObject, days_ago: int) -> None:
        # What became due meanwhile is not booked yet, as when no worker has been there.
        self.books.now += timedelta(hours=hours)
        if candidates := self.books.may_move_out():
            self.books.move_out(data.draw(st.sampled_from(candidates)), days_ago=days_ago)
        self.books.book_what_is_due()

    @rule(hours=HOURS)
    def a_month_is_closed(self, hours: int) -> None:
        self.time_passes(hours)
        last_day = self.last_month()
        with self.books.database.writing() as session:
            close_period(session, last_day, by="regnskab", now=self.books.now)
        self._keep(last_day)

    @rule(hours=HOURS)
    def a_month_is_settled(self, hours: int) -> None:
        self.time_passes(hours)
        last_day, opted_out = self.last_month(), self.books.opted_out()
        with self.books.database.writing() as session:
            new = settle_month(session, last_day, by="regnskab", now=self.books.now)
        self._keep(last_day)
        settled = self.books.settled()
        assert len(settled) == len(self.paid) + new
        for paid in settled[-1][1] if new else ():
            assert paid.netted is not bool({paid.payer, paid.payee} & opted_out)
        self.paid = settled

    def last_month(self) -> date:
        return last_day_of_month(day_of(self.books.now).replace(day=1) - timedelta(days=1))

    def _keep(self, last_day: date) -> None:
        if self.closed is None or self.closed[0] < last_day:
            self.closed = (last_day, self._up_to(last_day, self.books.written()))

    @staticmethod
    def _up_to(last_day: date, books: list[Written]) -> list[Written]:
        return [one for one in books if one.entry_date <= last_day]

    @rule(data=st.data(), what=st.sampled_from(("asked again", "twice", "not zero", "reversed again", "closed")))
    def what_is_done_already_or_wrong_changes_nothing(self, data: st.DataObject, what: str) -> None:
        before = self.books.written()
        if what == "asked again":
            self.books.book_what_is_due()
        elif before:
            self._is_refused(what, data.draw(st.sampled_from(before)), before)
        assert self.books.written() == before

    def _is_refused(self, wrong: str, of: Written, before: list[Written]) -> None:
        facts, entries = of.facts | {"booked_at": self.books.now}, of.entries
        if wrong == "not zero":
            facts |= {"kind": BookingKind.CLAIM, "reverses_id": None}
            entries = (*entries, Entry("municipality:0430", 1))
        elif wrong == "reversed again":
            if not is_reversal(of) and of.kind is not BookingKind.EARNED and not self._is_reversed(of, before):
                return
            facts |= {"kind": BookingKind.REVERSAL, "reverses_id": of.id}
            entries = reversal_entries(entries)
        elif wrong == "closed":
            if self.closed is None:
                return
            at = datetime.combine(self.closed[0], time(9), UTC)
            facts |= {"kind": BookingKind.CLAIM, "reverses_id": None, "booked_at": at}
        with pytest.raises((DBAPIError, ValueError)), self.books.database.writing() as session:
            book(session, Booking(**facts), entries)

    @staticmethod
    def _is_reversed(one: Written, books: list[Written]) -> bool:
        return one.id in {other.reverses_id for other in books}

    @rule(data=st.data())
    def the_books_are_read_as_of_an_earlier_moment(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from(sorted(self.seen)))
        assert self.books.balances(at) == self.seen[at]

    @invariant()
    def everything_holds(self) -> None:
        books = self.books.written()
        self._sums_to_zero_with_every_remainder(books)
        self._each_is_reversed_once(books)
        self._closed_months_are_untouched(books)
        self._nobodys_position_moved(books)
        self._balances_are_recomputed(books)

    def _sums_to_zero_with_every_remainder(self, books: list[Written]) -> None:
        for one in books:
            assert sum(entry.amount_ore for entry in one.entries) == 0
            rounded = [entry.amount_ore for entry in one.entries if entry.account.startswith("rounding:")]
            assert all(0 < abs(ore) <= MOST_ROUNDED_ORE for ore in rounded)
            assert len(rounded) <= 1

    def _each_is_reversed_once(self, books: list[Written]) -> None:
        by_id = {one.id: one for one in books}
        reversals = [one for one in books if is_reversal(one)]
        assert len({one.reverses_id for one in reversals}) == len(reversals)
        for one in reversals:
            reversed_ = by_id[one.reverses_id]
            assert not is_reversal(reversed_)
            assert one.entries == reversal_entries(reversed_.entries)

    def _closed_months_are_untouched(self, books: list[Written]) -> None:
        if self.closed is not None:
            assert self._up_to(self.closed[0], books) == self.closed[1]
        assert self.books.settled() == self.paid

    def _nobodys_position_moved(self, books: list[Written]) -> None:
        paid = [payment for _, payments in self.paid for payment in payments]
        assert net_positions(paid) == (positions(books, until=self.paid[-1][0]) if self.paid else {})
        for _, payments in self.paid:
            netted = [one for one in payments if one.netted]
            assert len(netted) <= max(len({party for one in netted for party in (one.payer, one.payee)}) - 1, 0)

    def _balances_are_recomputed(self, books: list[Written]) -> None:
        now = self.books.now
        self.seen[now] = self.books.balances(now)
        assert self.seen[now] == recomputed(books, as_of=now)
        with self.books.database.reading() as session:
            assert sum_ore(session) == 0
            assert list(book_differences(session, now=now)) == []

"""The page of a party's books: its open month, the settled ones, its claims, and what was rejected."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from approval_api.books.reader import Reader, reader_of
from approval_api.sitting import Person
from domain.books.booking import PLAIN
from domain.books.bookkeeping.rejected import RejectedPosting
from domain.books.months import last_day_of_month
from domain.parties.colleagues import may_answer
from domain.working_days import day_of
from storage.books.bookkeeping.rejected import rejected_postings
from storage.books.party_books import PartyClaim, SettledMonth, claims_of, settled_months
from storage.books.settlements import statement_of
from storage.parties.partners import partner_of
from storage.questions.lists import waiting_at

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BooksPage:
    """A party's books in short: the open month by rule, the settled months, the claims, and what was rejected.

    `questions` is how many questions wait for the reader.
    """

    reader: Reader
    open_until: date
    open_lines: int
    open_total_ore: int
    open_counted_ore: int
    open_by_rule: tuple[tuple[str, int], ...]
    questions: int = 0
    months: tuple[SettledMonth, ...] = ()
    claims: tuple[PartyClaim, ...] = ()
    rejected: tuple[RejectedPosting, ...] = ()


def books_page(session: Session, person: Person, *, now: datetime) -> BooksPage:
    """The books of the reader's party."""
    open_until = last_day_of_month(day_of(now))
    open_month = statement_of(session, open_until, person.party)
    by_rule: dict[str, int] = {}
    for line in open_month.lines:
        by_rule[line.rule or PLAIN] = by_rule.get(line.rule or PLAIN, 0) + line.amount_ore
    return BooksPage(
        reader=reader_of(session, person),
        open_until=open_until,
        open_lines=len(open_month.lines),
        open_total_ore=open_month.total_ore,
        open_counted_ore=open_month.counted_ore,
        open_by_rule=tuple(by_rule.items()),
        questions=_questions(session, person, today=day_of(now)),
        months=tuple(settled_months(session, person.party)),
        claims=tuple(claims_of(session, person.party)),
        rejected=tuple(rejected_postings(session, person.party)),
    )


def _questions(session: Session, person: Person, *, today: date) -> int:
    partner, waiting = partner_of(session, person.party), waiting_at(session, person.party)
    may = (may_answer(partner, person.contact.id, asked=one.contact_id, on=today, barred=NOBODY) for one in waiting)
    return sum(may)

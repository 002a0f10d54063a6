"""The pages of a party's books: its open month and its settled ones, and the statement of one month."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from approval_api.books.rules import RulesOfAgreement, rules_on
from approval_api.sitting import Person
from domain.books.months import last_day_of_month
from domain.books.netting import Payment
from domain.books.statement import LINES_A_PAGE, PLAIN, Statement, StatementLine
from domain.parties.party import municipality
from domain.working_days import day_of
from storage.areas.places import municipality_names
from storage.books.party_books import (
    PartyClaim,
    RefusedPosting,
    SettledMonth,
    claims_of,
    refused_postings,
    settled_at,
    settled_months,
    settled_with,
)
from storage.books.settlements import statement_of
from storage.operations.month_approvals import month_answers
from storage.parties.partners import partner_of, partners


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and at which party; `names` are the names of the parties that may be named to them."""

    person: str
    party: str
    party_name: str
    names: dict[str, str]

    def name_of(self, party: str) -> str:
        """A party's name; its code where nobody has told its name."""
        return self.names.get(party, party)


@dataclass(frozen=True, slots=True)
class BooksPage:
    """A party's books in short: the open month by rule, the settled months, the claims, and what was refused."""

    reader: Reader
    open_until: date
    open_lines: int
    open_total_ore: int
    open_by_rule: tuple[tuple[str, int], ...]
    months: tuple[SettledMonth, ...] = ()
    claims: tuple[PartyClaim, ...] = ()
    refused: tuple[RefusedPosting, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthAnswer:
    """What a party has answered about its own statement; `name` is who did, and `reason` the code of a no."""

    party: str
    name: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month's statement, a page of its lines at a time. `total_ore` and `count` are of all lines.

    `settled_at` is None while the month is not settled; `settled_with` is the later month with which it was.
    """

    reader: Reader
    last_day: date
    lines: tuple[StatementLine, ...]
    total_ore: int
    count: int
    number: int
    pages: int
    payments: tuple[Payment, ...] = ()
    answers: tuple[MonthAnswer, ...] = ()
    rules: tuple[RulesOfAgreement, ...] = ()
    settled_at: datetime | None = None
    settled_with: date | None = None

    @property
    def month(self) -> str:
        """The month as it stands in addresses."""
        return f"{self.last_day:%Y-%m}"

    @property
    def first(self) -> int:
        """The number of the first line on this page."""
        return (self.number - 1) * LINES_A_PAGE + 1

    @property
    def page_ore(self) -> int:
        """The sum of the lines on this page."""
        return sum(line.amount_ore for line in self.lines)


def books_page(session: Session, person: Person, *, now: datetime) -> BooksPage:
    """The books of the reader's party."""
    open_until = last_day_of_month(day_of(now))
    open_month = statement_of(session, open_until, person.party)
    by_rule: dict[str, int] = {}
    for line in open_month.lines:
        by_rule[line.rule or PLAIN] = by_rule.get(line.rule or PLAIN, 0) + line.amount_ore
    return BooksPage(
        reader=_reader(session, person),
        open_until=open_until,
        open_lines=len(open_month.lines),
        open_total_ore=open_month.total_ore,
        open_by_rule=tuple(by_rule.items()),
        months=tuple(settled_months(session, person.party)),
        claims=tuple(claims_of(session, person.party)),
        refused=tuple(refused_postings(session, person.party)),
    )


def month_page(session: Session, person: Person, last_day: date, *, page: int) -> MonthPage:
    """One month of the reader's party; the last page of its lines where a later one is asked for."""
    statement = statement_of(session, last_day, person.party)
    count = len(statement.lines)
    pages = max(1, -(-count // LINES_A_PAGE))
    number = min(max(page, 1), pages)
    lines = statement.lines[(number - 1) * LINES_A_PAGE : number * LINES_A_PAGE]
    later = settled_with(session, last_day)
    return MonthPage(
        reader=_reader(session, person),
        last_day=last_day,
        lines=lines,
        total_ore=statement.total_ore,
        count=count,
        number=number,
        pages=pages,
        payments=statement.payments,
        answers=_answers(session, statement, last_day),
        rules=rules_on(session, lines),
        settled_at=settled_at(session, last_day),
        settled_with=later if later != last_day else None,
    )


def _answers(session: Session, statement: Statement, last_day: date) -> tuple[MonthAnswer, ...]:
    """The answers of the party and of those with whom it settles; who answered is named at the party itself."""
    concerned = {statement.party, *(side for one in statement.payments for side in (one.payer, one.payee))}
    found = []
    for party, answer in month_answers(session, last_day).items():
        if party in concerned:
            own = partner_of(session, party).contact(answer.by.contact_id) if party == statement.party else None
            found.append(MonthAnswer(party, own.name if own else "", answer.at, answer.reason))
    return tuple(found)


def _reader(session: Session, person: Person) -> Reader:
    known = {one.party: one.name for one in partners(session)}
    places = {municipality(code): name for code, name in municipality_names(session).items()}
    return Reader(person.contact.name, person.party, partner_of(session, person.party).name, places | known)

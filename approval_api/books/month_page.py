"""The page of one month of a party's books: its statement, a page of its lines at a time."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from approval_api.books.reader import Reader, reader_of
from approval_api.books.rules import RulesOfAgreement, rules_on
from approval_api.sitting import Person
from domain.books.netting import Payment
from domain.books.statement import LINES_A_PAGE, Statement, StatementLine
from storage.books.party_books import settled_at, settled_with
from storage.books.settlements import statement_of
from storage.operations.month_approvals import month_answers
from storage.parties.partners import partner_of


@dataclass(frozen=True, slots=True)
class MonthAnswer:
    """What a party has answered about its own statement; `name` is who did, and `reason` the code of a no."""

    party: str
    name: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month's statement, a page of its lines at a time. `total_ore`, `counted_ore` and `count` are of all lines.

    `settled_at` is None while the month is not settled; `settled_with` is the later month with which it was.
    """

    reader: Reader
    last_day: date
    lines: tuple[StatementLine, ...]
    total_ore: int
    counted_ore: int
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


def month_page(session: Session, person: Person, last_day: date, *, page: int) -> MonthPage:
    """One month of the reader's party; the last page of its lines where a later one is asked for."""
    statement = statement_of(session, last_day, person.party)
    count = len(statement.lines)
    pages = max(1, -(-count // LINES_A_PAGE))
    number = min(max(page, 1), pages)
    lines = statement.lines[(number - 1) * LINES_A_PAGE : number * LINES_A_PAGE]
    later = settled_with(session, last_day)
    return MonthPage(
        reader=reader_of(session, person),
        last_day=last_day,
        lines=lines,
        total_ore=statement.total_ore,
        counted_ore=statement.counted_ore,
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

"""The pages of a party's books with invented facts: a long month, an open one, an empty one, and an association's."""

from dataclasses import replace
from datetime import UTC, date, datetime

from approval_api.books.month_page import MonthAnswer, MonthPage
from approval_api.books.page import BooksPage
from approval_api.books.reader import Reader
from approval_api.books.rules import Rule, RulesOfAgreement
from domain.books.booking import BookingKind
from domain.books.bookkeeping.booking_standing import BookingStanding
from domain.books.bookkeeping.posting_life import Dispute, PostingState
from domain.books.bookkeeping.rejected import RejectedPosting
from domain.books.claims import ClaimStanding
from domain.books.netting import Payment
from domain.books.statement import LINES_A_PAGE, StatementLine
from domain.parties.compensation.model import CompensationTerms
from domain.parties.party import Contact, Role
from storage.books.party_books import PartyClaim, SettledMonth
from tests.domain.books.models import SAMPLE

AT = datetime(2026, 12, 3, 7, 30, tzinfo=UTC)
ODENSE, NYBORG, HAVBLIK = "municipality:0461", "municipality:0450", "association:havblik"
NAMES = {ODENSE: "Odense Kommune", NYBORG: "Nyborg Kommune", HAVBLIK: "Boligforeningen Havblik"}
READER = Reader("Økonomi (opdigtet)", NYBORG, "Nyborg Kommune", NAMES)
OF_ASSOCIATION = Reader("Regnskab (opdigtet)", HAVBLIK, "Boligforeningen Havblik", NAMES)
RULES = ("reception", "social_work", "vacancy_rent", "moving_cost", "deposit_loan", "staircase_received")
RULES += ("staircase_sent", "refurbishment_guarantee", "arrears_guarantee")
KINDS = (BookingKind.MOVE_IN, BookingKind.MONTH, BookingKind.REVERSAL, BookingKind.EARNED, BookingKind.REPAYMENT)

STANDINGS = tuple(BookingStanding)


def lines(count: int, reference: str = "TF-2026-{:05}") -> tuple[StatementLine, ...]:
    return tuple(
        StatementLine(
            booking="",
            reference=reference.format(number),
            kind=KINDS[number % len(KINDS)],
            rule=RULES[number % len(RULES)],
            agreement="fyn/2",
            value_date=date(2026, 11, 1 + number % 30),
            amount_ore=(number * 12_345) % 4_000_000 - 1_000_000,
            standing=STANDINGS[number % len(STANDINGS)],
        )
        for number in range(1, count + 1)
    )


PART = dict(zip(RULES, (*SAMPLE.parts[:6], SAMPLE.parts[5], *SAMPLE.parts[6:]), strict=True))
EXPLAINED = RulesOfAgreement(
    "fyn/2", "Fynsaftalen (opdigtet)", 2, SAMPLE, tuple(Rule(rule, (part,)) for rule, part in PART.items())
)
PLAIN = RulesOfAgreement(
    "plan/1", "Planaftalen (opdigtet)", 1, CompensationTerms(4_500_000, 1_200_000, 180), (Rule("", ()),)
)
ALL = lines(450)
LONG = MonthPage(
    reader=READER,
    last_day=date(2026, 11, 30),
    lines=ALL[LINES_A_PAGE : 2 * LINES_A_PAGE],
    total_ore=sum(line.amount_ore for line in ALL),
    counted_ore=sum(line.amount_ore for line in ALL if line.standing.counts),
    count=len(ALL),
    number=2,
    pages=3,
    payments=(Payment(ODENSE, NYBORG, 12_345_650), Payment(NYBORG, HAVBLIK, 5_000)),
    answers=(MonthAnswer(NYBORG, "Økonomi (opdigtet)", AT), MonthAnswer(ODENSE, "", AT, "amount_wrong")),
    rules=(EXPLAINED,),
    settled_at=AT,
)
FEW = (*lines(4), StatementLine("", "TF-2026-00099", BookingKind.MOVE_IN, "", "plan/1", date(2026, 12, 2), 4_500_000))
OPEN = MonthPage(
    READER, date(2026, 12, 31), FEW, sum(one.amount_ore for one in FEW), 0, len(FEW), 1, 1, rules=(EXPLAINED, PLAIN)
)
NOTHING = MonthPage(READER, date(2026, 10, 31), (), 0, 0, 0, 1, 1, settled_at=AT)
THEIRS = lines(3, "B-AAAA{:04}")


def rejected(number: int, ore: int, why: str, **more: object) -> RejectedPosting:
    told = {"kind": BookingKind.MONTH, "rule": "social_work", "system": NYBORG, **more}
    return RejectedPosting("", f"TF-2026-000{number}", amount_ore=ore, why=why, rejected_at=AT, **told)


DISPUTED, CORRECTED = PostingState.DISPUTED, PostingState.CORRECTED
SENT_ANEW = {"state": CORRECTED, "corrected_at": AT}
REJECTED = (
    rejected(12, 800_000, "account_closed"),
    rejected(13, 4_500_000, "", kind=BookingKind.MOVE_IN, rule="", system=ODENSE),
    rejected(14, 800_000, Dispute.REJECTED_AFTER_ACCEPTANCE, state=DISPUTED),
    rejected(15, -700_000, "partner_refused", became=PostingState.ACCEPTED, **SENT_ANEW),
    rejected(16, -700_000, "unsaid", became=PostingState.REJECTED, **SENT_ANEW),
)
BOOKS = BooksPage(
    reader=READER,
    open_until=date(2026, 12, 31),
    open_lines=214,
    open_total_ore=123_450_50,
    open_counted_ore=-1_000_000,
    questions=2,
    open_by_rule=(("reception", 13_345_050), ("social_work", -1_000_000), ("compensation", 0)),
    months=(
        SettledMonth(date(2026, 11, 30), AT, NYBORG, LONG.payments),
        SettledMonth(date(2026, 10, 31), AT, NYBORG),
        SettledMonth(date(2026, 9, 30), AT, NYBORG, (Payment(NYBORG, ODENSE, 700_000),)),
    ),
    claims=(
        *(
            PartyClaim(f"TF-2026-0000{number}", "refurbishment_guarantee", date(2026, 11, 3), -1_845_000, standing)
            for number, standing in enumerate(ClaimStanding, start=1)
        ),
    ),
    rejected=REJECTED,
)
UNUSED = BooksPage(READER, date(2026, 12, 31), 0, 0, 0, ())
LETTING = Contact("udlejning-1", "Udlejer (opdigtet)", "udlejer@havblik.invalid", Role.LETTING)

BOOKS_PAGES: dict[str, tuple[str, dict[str, object]]] = {
    "afregning": ("afregning", {"books": BOOKS}),
    "afregning_unused": ("afregning", {"books": UNUSED}),
    "afregning_long_month": ("afregning_month", {"month": LONG}),
    "afregning_open_month": ("afregning_month", {"month": OPEN}),
    "afregning_month_without_lines": ("afregning_month", {"month": NOTHING}),
    "afregning_month_settled_later": (
        "afregning_month",
        {"month": replace(NOTHING, settled_at=None, settled_with=date(2026, 11, 30))},
    ),
    "afregning_of_association": (
        "afregning_month",
        {"month": replace(OPEN, reader=OF_ASSOCIATION, lines=THEIRS, count=3, rules=(EXPLAINED,))},
    ),
    "afregning_not_yours": ("afregning_not_yours", {"person": LETTING, "party": "Boligforeningen Havblik"}),
    "afregning_no_month": ("afregning_no_month", {"not_begun": False}),
    "afregning_month_not_begun": ("afregning_no_month", {"not_begun": True}),
}

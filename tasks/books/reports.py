"""What a finance system or a bank reports back of postings, reconciled with what was told, and written down."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlmodel import Session

from connectors.finance.reported import CAMT, read_reported
from domain.books.bookkeeping.posting_life import Known, PostingState
from domain.books.bookkeeping.posting_lines import AGAINST
from domain.books.invoices.settled import DAYS_TO_PAY, due_after
from domain.books.reconciliation import Pair, Reconciliation, Sent, reconcile
from domain.ports.finance import PostingAnswer, PostingVerdict
from storage.books.bookkeeping.runs import run_of, runs_of
from storage.books.bookkeeping.states import HeardFrom
from storage.parties.partners import partner_of
from storage.staff.postings import ToldPosting, postings
from tasks.books.posting_answers import write_down_answers
from tasks.platform import Platform

# Banks and finance systems move days to a working day; Easter with the days around it is the longest such move.
MOST_DAYS_APART = 7
# A bank's statement has a payment from the day of the booking until as long after the day on which it is due.
MOST_DAYS_FROM_DUE = DAYS_TO_PAY
# What may be missing in a report: it was never booked there, or is done with.
NOT_AWAITED = frozenset(
    {None, PostingState.QUEUED, PostingState.REJECTED, PostingState.CORRECTED, PostingState.RECONCILED}
)


def read_report_of(
    platform: Platform, party: str, body: bytes, *, until: date, form: str | None = None
) -> Reconciliation:
    """Reconcile a report of a party's postings up to a day, and write down what it says of each.

    It is the finance system's (CSV) or the bank's (camt.053). `Invalid` when it cannot be read. Nothing is counted as
    reconciled twice, however often the report is read.
    """
    reported, form = read_reported(body, form)
    with platform.database.reading() as session:
        partner_of(session, party)
        told = postings(session, party=party)
        known = {one.row.key: one.known for one in told}
        if form == CAMT:
            found = reconcile(_paid(told), reported, until=until, most_days_apart=MOST_DAYS_FROM_DUE)
        else:
            sent = _sent(session, party, known)
            found = reconcile(sent, reported, until=until, most_days_apart=MOST_DAYS_APART)
    write_down_answers(platform, party, dict(_answers(found, from_bank=form == CAMT)), heard_from=HeardFrom.FILE)
    missing = tuple(one for one in found.lost_there if _state(known.get(_posting(one.key))) not in NOT_AWAITED)
    return replace(found, lost_there=missing)


def _sent(session: Session, party: str, known: dict[str, Known | None]) -> Iterator[Sent]:
    """Every line that a party was told: the two of each posting in a file, the one of each told by itself."""
    in_files = set[str]()
    for run in runs_of(session, party):
        for line in run_of(session, run).lines:
            in_files.add(_posting(line.key))
            yield Sent(line.key, line.amount_ore, line.entry_date)
    for one in postings(session, party=party):
        if one.row.key not in in_files and _state(known[one.row.key]) not in (None, PostingState.QUEUED):
            yield Sent(one.row.key, -one.posting.amount_ore, one.posting.booked_on)


def _paid(told: list[ToldPosting]) -> Iterator[Sent]:
    """Each posting as a bank has it: what the party receives above zero, on the day on which it should be paid.

    The text on a payment has its key, or its booking's name where no other posting is of that booking.
    """
    sent = [one for one in told if _state(one.known) not in (None, PostingState.QUEUED)]
    named = Counter(one.posting.booking for one in sent if _state(one.known) is not PostingState.CORRECTED)
    for one in sent:
        is_alone = _state(one.known) is not PostingState.CORRECTED and named[one.posting.booking] == 1
        name = one.posting.booking if is_alone else None
        yield Sent(one.row.key, one.posting.amount_ore, due_after(one.posting.booked_on), name)


def _answers(found: Reconciliation, *, from_bank: bool) -> Iterator[tuple[str, PostingAnswer]]:
    """What is said of each posting, the worst last: what is booked, with another amount, twice."""
    for pair in (*found.matched, *found.another_date):
        # The line against it alone shows nothing: the posting's own is missing then.
        if not pair.sent.key.endswith(AGAINST):
            yield pair.sent.key, PostingAnswer(PostingVerdict.BOOKED)
    for pair in found.another_amount:
        amount_ore = pair.reported.amount_ore if from_bank else _as_posted(pair)
        yield _posting(pair.sent.key), PostingAnswer(PostingVerdict.BOOKED, amount_ore=amount_ore)
    for pair in found.twice:
        yield _posting(pair.sent.key), PostingAnswer(PostingVerdict.TWICE)


def _as_posted(pair: Pair) -> int:
    """A reported amount with the sign of our posting: that of the line against it, and the other way round."""
    return pair.reported.amount_ore * (1 if pair.sent.key.endswith(AGAINST) else -1)


def _posting(key: str) -> str:
    return key.removesuffix(AGAINST)


def _state(known: Known | None) -> PostingState | None:
    return known.state if known else None

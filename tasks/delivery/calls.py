"""A call at a partner's system; and the calls that name no family: a flag's receipt, and a posting."""

from collections.abc import Awaitable, Callable

from sqlmodel import Session

from domain.parties.bookkeeping import PostingForm
from domain.ports.case_system import CaseSystem
from domain.ports.finance import FinanceSystem, PostingAnswer, PostingVerdict
from domain.working_days import day_of
from storage.books.bookkeeping.corrections import posting_told
from storage.books.posted_before import was_posted_before
from storage.outbox import OutboxRow
from storage.parties.partners import partner_of
from storage.referrals.flag_receipts import FlagReceipt, receipt_told
from tasks.platform import Platform

FINANCE = "finance"
# What a partner answers beside that it took a call; of postings alone.
Call = Callable[[], Awaitable[PostingAnswer | None]]


def receipt_call(session: Session, row: OutboxRow, system: CaseSystem) -> Call:
    """Tell a case system what has become of its flag."""
    receipt = receipt_told(session, session.get_one(FlagReceipt, row.receipt_id))
    return lambda: system.acknowledge(receipt, key=row.key)


def posting_call(platform: Platform, session: Session, row: OutboxRow) -> Call | None:
    """Have an entry of the ledger posted, or have it wait for its party's next run; None when it has been posted."""
    posting = posting_told(session, row)
    if was_posted_before(session, row.addressee, posting):
        # Posted before a backup was put back, perhaps on another day: a finance system may not go by the key alone.
        return None
    keeper = partner_of(session, row.addressee)
    books = keeper.bookkeeping
    if books is not None and books.posted_on(day_of(platform.now())) is not PostingForm.JSON:
        return _waits_for_a_run
    system: FinanceSystem = platform.connect(FINANCE, keeper.systems[FINANCE])
    return lambda: system.post(posting, key=row.key)


async def _waits_for_a_run() -> PostingAnswer:
    return PostingAnswer(PostingVerdict.QUEUED)

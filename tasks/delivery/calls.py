"""A call at a partner's system; and the calls that name no family: a flag's receipt, and a posting."""

from collections.abc import Awaitable, Callable

from sqlmodel import Session

from domain.ports.case_system import CaseSystem
from domain.ports.finance import FinanceSystem
from storage.books.ledger import Booking, LedgerEntry
from storage.books.posted_before import was_posted_before
from storage.books.postings import posting_of
from storage.outbox import OutboxRow
from storage.referrals.flag_receipts import FlagReceipt, receipt_told

Call = Callable[[], Awaitable[None]]


def receipt_call(session: Session, row: OutboxRow, system: CaseSystem) -> Call:
    """Tell a case system what has become of its flag."""
    receipt = receipt_told(session, session.get_one(FlagReceipt, row.receipt_id))
    return lambda: system.acknowledge(receipt, key=row.key)


def posting_call(session: Session, row: OutboxRow, system: FinanceSystem) -> Call | None:
    """Have an entry of the ledger posted; None when it has been."""
    entry = session.get_one(LedgerEntry, row.entry_id)
    posting = posting_of(session, session.get_one(Booking, entry.booking_id), entry)
    if was_posted_before(session, row.addressee, posting):
        # Posted before a backup was put back, perhaps on another day: a finance system may not go by the key alone.
        return None
    return lambda: system.post(posting, key=row.key)

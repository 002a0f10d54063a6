"""When a settled month, a claim, a posting or an invoice needs nobody's attention any more."""

from domain.books.bookkeeping.posting_life import ASKED_ABOUT
from domain.books.claims import ClaimStanding
from domain.books.invoices import response
from domain.books.months import last_day_in
from storage.books.bookkeeping.invoice_rows import StoredInvoice, told_invoice
from storage.books.bookkeeping.states import known_of
from storage.books.claims import standing_of_claim
from storage.books.guarantees import claim_called
from storage.outbox import OutboxRow
from storage.questions.claims import waits_for_answer
from storage.questions.months import is_rejected, month_question
from tasks.upkeep.reasons.seen import Seen


def month_is_asked_anew(seen: Seen) -> bool:
    """The party was asked, or asked anew after its no."""
    party = seen.named.partition("/")[2]
    question = month_question(seen.session, last_day_in(seen.item.about), party)
    return question is not None and not is_rejected(question)


def claim_asks_somebody(seen: Seen) -> bool:
    """Somebody is asked about the claim, or it waits for no answer any more."""
    claim, about = claim_called(seen.session, seen.named), seen.item.about
    if claim is None or standing_of_claim(seen.session, claim) not in (ClaimStanding.MADE, ClaimStanding.CONFIRMED):
        return True
    return waits_for_answer(seen.session, about)


def posting_has_moved_on(seen: Seen) -> bool:
    """It was answered, settled or corrected: it is no longer what a person was asked about."""
    row = seen.session.get(OutboxRow, seen.item.about.number)
    known = known_of(seen.session, row) if row else None
    return known is None or ASKED_ABOUT.get(known.state) != seen.item.code


def invoice_has_moved_on(seen: Seen) -> bool:
    """It was accepted or replaced, or its buyer has said something else since."""
    row = seen.session.get(StoredInvoice, seen.item.about.number)
    return row is None or response.ASKED_ABOUT.get(told_invoice(seen.session, row).state) != seen.item.code

"""What a buyer says of an invoice, and what becomes of the invoice by it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.books.invoices.invoice import DocumentType
from domain.errors import Invalid

OF_DOCUMENT = "DocumentReference/ID"


class Verdict(StrEnum):
    """What a response says of a document. RECEIVED came through, UNDER_QUERY waits for us: neither is a yes or a no."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RECEIVED = "received"
    UNDER_QUERY = "under_query"


class InvoiceState(StrEnum):
    """How an invoice stands. REJECTED is open again: it is due, and a person corrects it; REPLACED is due no more."""

    WRITTEN = "written"
    RECEIVED = "received"
    UNDER_QUERY = "under_query"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Response:
    """What was said: of which document, by whom (the sender's endpoint), and why.

    `reasons` are codes. `reason` is another's text, for whoever reads the file, and for no log and no table; what may
    be a CPR number in it is made unreadable. `of_message`: an access point says it, of the message alone.
    """

    document: str
    document_type: DocumentType | None
    verdict: Verdict
    code: str
    reason: str
    sender: str
    id: str
    reasons: tuple[str, ...] = ()
    of_message: bool = False

    @property
    def name_digest(self) -> str:
        """By what the response is known again; its own id may be any text."""
        return hashlib.sha256((self.id or self.meaning_digest).encode()).hexdigest()

    @property
    def meaning_digest(self) -> str:
        """Two responses with the same one say the same, however they are written."""
        facts = (self.document, self.document_type, self.verdict, self.code, self.reason, self.sender, self.reasons)
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


_SAID = {
    Verdict.ACCEPTED: InvoiceState.ACCEPTED,
    Verdict.REJECTED: InvoiceState.REJECTED,
    Verdict.RECEIVED: InvoiceState.RECEIVED,
    Verdict.UNDER_QUERY: InvoiceState.UNDER_QUERY,
}
# A yes or a no is taken back by another one alone: what only came through may arrive late.
AFTER: Mapping[InvoiceState, Mapping[Verdict, InvoiceState]] = {
    InvoiceState.WRITTEN: _SAID,
    InvoiceState.RECEIVED: _SAID,
    InvoiceState.UNDER_QUERY: _SAID | {Verdict.RECEIVED: InvoiceState.UNDER_QUERY},
    # A question after a yes is a question all the same.
    InvoiceState.ACCEPTED: _SAID | {Verdict.RECEIVED: InvoiceState.ACCEPTED},
    InvoiceState.REJECTED: {
        **dict.fromkeys(Verdict, InvoiceState.REJECTED),
        Verdict.ACCEPTED: InvoiceState.ACCEPTED,
    },
    # A yes to it is refused: both would be paid.
    InvoiceState.REPLACED: dict.fromkeys(set(Verdict) - {Verdict.ACCEPTED}, InvoiceState.REPLACED),
}
ASKED_ABOUT: Mapping[InvoiceState, str] = {
    InvoiceState.REJECTED: "invoice_rejected",
    InvoiceState.UNDER_QUERY: "invoice_queried",
}


def after(state: InvoiceState, verdict: Verdict) -> InvoiceState:
    """How an invoice stands after a response. `Invalid` for a yes to one that is replaced."""
    found = AFTER[state].get(verdict)
    if found is None:
        raise Invalid(OF_DOCUMENT, "is replaced by a later invoice: the buyer must take that one and not both")
    return found


def must_be_about(told: Response, *, buyer_gln: str) -> None:
    """Refuse a response to an invoice that is about something else, or comes from somebody else."""
    if told.document_type is DocumentType.CREDIT_NOTE:
        raise Invalid("DocumentTypeCode", "is a credit note's, and the number is an invoice's")
    if not told.of_message and told.sender != buyer_gln:
        raise Invalid("SenderParty/EndpointID", "is missing, or not the GLN of the invoice's buyer")

"""Reads an ApplicationResponse of UBL 2.1: a buyer, or its access point, says what becomes of an invoice.

Three kinds, told apart by `CustomizationID`: OIOUBL (code list responsecode-1.1), Peppol's Invoice Response 3 (a subset
of UNCL 4343), and Peppol's Message Level Response 3, whose AP and AB only say that a document came through.

Generous in form (byte order marks, white space before the declaration, any prefix, any encoding the parser takes);
strict in meaning: one response to one document, a known code, and nothing that only came through counts as accepted.
"""

from dataclasses import dataclass
from enum import StrEnum

from connectors.finance.xml_read import Values, values_in
from domain.books.invoices.invoice import DocumentType
from domain.errors import Invalid
from domain.text.screening import tidied, without_cpr_numbers

LONGEST_REASON = 2_000
ROOT, SPACE = "ApplicationResponse", "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
MESSAGE_LEVEL = "urn:fdc:peppol.eu:poacc:trns:mlr:3"


class Verdict(StrEnum):
    """What a response says of a document. RECEIVED came through, UNDER_QUERY waits for us: neither is a yes or a no."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RECEIVED = "received"
    UNDER_QUERY = "under_query"


VERDICTS = {
    "BusinessAccept": Verdict.ACCEPTED,
    "BusinessReject": Verdict.REJECTED,
    "ProfileAccept": Verdict.RECEIVED,
    "ProfileReject": Verdict.REJECTED,
    "TechnicalAccept": Verdict.RECEIVED,
    "TechnicalReject": Verdict.REJECTED,
    "AB": Verdict.RECEIVED,
    "AP": Verdict.ACCEPTED,
    # Accepted on a condition: somebody must read which.
    "CA": Verdict.UNDER_QUERY,
    "IP": Verdict.RECEIVED,
    "PD": Verdict.ACCEPTED,
    "RE": Verdict.REJECTED,
    "UQ": Verdict.UNDER_QUERY,
}
LINE_REJECTED = frozenset({"BusinessReject", "RE"})
TYPES = {
    "Invoice": DocumentType.INVOICE,
    "CreditNote": DocumentType.CREDIT_NOTE,
    "380": DocumentType.INVOICE,
    "381": DocumentType.CREDIT_NOTE,
}


@dataclass(frozen=True, slots=True)
class Response:
    """What was said: of which document, by whom (the sender's endpoint), and why.

    `reason` is another's text, for the desk and for no log; what may be a CPR number in it is made unreadable. Whoever
    takes it over looks whether `sender` is the buyer: anybody can write a document's number.
    """

    document: str
    document_type: DocumentType | None
    verdict: Verdict
    code: str
    reason: str
    sender: str
    id: str


def response_in(data: bytes) -> Response:
    """The response that a document holds. `Invalid` when it is none, or says nothing clear about one invoice."""
    told = values_in(data, root=ROOT, space=SPACE)
    if told.times("DocumentResponse") != 1:
        raise Invalid("DocumentResponse", "must be there once")
    code = told.one("DocumentResponse", "Response", "ResponseCode")
    verdict = VERDICTS.get(code)
    if verdict is None:
        raise Invalid("ResponseCode", "is none of the codes of OIOUBL or Peppol")
    if verdict is Verdict.ACCEPTED:
        verdict = _no_more_than_said(told)
    return Response(
        document=told.one("DocumentResponse", "DocumentReference", "ID"),
        document_type=_type_of(
            told.one("DocumentResponse", "DocumentReference", "DocumentTypeCode", must_be_there=False)
        ),
        verdict=verdict,
        code=code,
        reason=_reason(told),
        sender=told.one("SenderParty", "EndpointID", must_be_there=False),
        id=told.one("ID", must_be_there=False),
    )


def _no_more_than_said(told: Values) -> Verdict:
    """A yes to the whole, unless it is to the message alone, or a line is refused."""
    if told.one("CustomizationID", must_be_there=False).startswith(MESSAGE_LEVEL):
        return Verdict.RECEIVED
    lines = told.all("DocumentResponse", "LineResponse", "Response", "ResponseCode")
    return Verdict.UNDER_QUERY if LINE_REJECTED & set(lines) else Verdict.ACCEPTED


def _type_of(code: str) -> DocumentType | None:
    if code and code not in TYPES:
        raise Invalid("DocumentTypeCode", "is neither an invoice's nor a credit note's")
    return TYPES.get(code)


def _reason(told: Values) -> str:
    """Every text and code that says why, each once, as a person may read it."""
    within = ("DocumentResponse", "Response")
    places = (("Description",), ("Status", "StatusReasonCode"), ("Status", "StatusReason"))
    lines = (("DocumentResponse", "LineResponse", "Response", "Description"),)
    texts = [text for place in (*((*within, *place) for place in places), *lines) for text in told.all(*place)]
    return without_cpr_numbers(tidied("\n".join(dict.fromkeys(texts))))[:LONGEST_REASON]

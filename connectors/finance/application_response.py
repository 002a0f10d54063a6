"""Reads an ApplicationResponse of UBL 2.1: a buyer, or its access point, says what becomes of an invoice.

Three kinds, told apart by `CustomizationID`: OIOUBL (code list responsecode-1.1), Peppol's Invoice Response 3 (a subset
of UNCL 4343), and Peppol's Message Level Response 3, whose AP and AB only say that a document came through.

Generous in form (byte order marks, white space before the declaration, any prefix, any encoding the parser takes);
strict in meaning: one response to one document, a known code, and nothing that only came through counts as accepted.
"""

from connectors.finance.xml_read import Values, values_in
from domain.books.invoices.invoice import DocumentType
from domain.books.invoices.response import Response, Verdict
from domain.errors import Invalid
from domain.text.screening import tidied, without_cpr_numbers

LONGEST_REASON = 2_000
ROOT, SPACE = "ApplicationResponse", "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
MESSAGE_LEVEL = "urn:fdc:peppol.eu:poacc:trns:mlr:3"
# Peppol's code lists OPStatusReason and OPStatusAction: why, and what the buyer asks for.
_WHY = ("NON", "REF", "LEG", "REC", "QUA", "DEL", "PRI", "QTY", "ITM", "PAY", "UNR", "FIN", "PPD", "OTH")
REASONS = frozenset((*_WHY, "NOA", "PIN", "NIN", "CNF", "CNP", "CNA"))


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
        reasons=_reason_codes(told),
        of_message=_is_of_message(told),
    )


def _no_more_than_said(told: Values) -> Verdict:
    """A yes to the whole, unless it is to the message alone, or a line is refused."""
    if _is_of_message(told):
        return Verdict.RECEIVED
    lines = told.all("DocumentResponse", "LineResponse", "Response", "ResponseCode")
    return Verdict.UNDER_QUERY if LINE_REJECTED & set(lines) else Verdict.ACCEPTED


def _is_of_message(told: Values) -> bool:
    return told.one("CustomizationID", must_be_there=False).startswith(MESSAGE_LEVEL)


def _reason_codes(told: Values) -> tuple[str, ...]:
    """The codes of Peppol's lists that say why, each once; what else stands there is text."""
    codes = told.all("DocumentResponse", "Response", "Status", "StatusReasonCode")
    return tuple(code for code in dict.fromkeys(codes) if code in REASONS)


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

"""What becomes of an invoice by what its buyer says, word after word."""

from dataclasses import replace

import pytest

from domain.books.invoices.invoice import DocumentType
from domain.books.invoices.response import AFTER, InvoiceState, Response, Verdict, after, must_be_about
from domain.errors import Invalid

A, R, C, Q = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.RECEIVED, Verdict.UNDER_QUERY
SAID = Response("U2603-1", DocumentType.INVOICE, R, "RE", "", "5798000000018", "RESP-7")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ((), InvoiceState.WRITTEN),
        ((C,), InvoiceState.RECEIVED),
        ((C, Q), InvoiceState.UNDER_QUERY),
        ((Q, C), InvoiceState.UNDER_QUERY),
        ((C, Q, A), InvoiceState.ACCEPTED),
        ((Q, R), InvoiceState.REJECTED),
        ((A,), InvoiceState.ACCEPTED),
        ((A, C), InvoiceState.ACCEPTED),
        ((A, Q), InvoiceState.UNDER_QUERY),
        ((A, R), InvoiceState.REJECTED),
        ((R,), InvoiceState.REJECTED),
        ((R, C), InvoiceState.REJECTED),
        ((R, Q), InvoiceState.REJECTED),
        ((R, A), InvoiceState.ACCEPTED),
        ((R, A, R), InvoiceState.REJECTED),
    ],
)
def test_the_newest_yes_or_no_counts_and_what_only_came_through_takes_nothing_back(said, state):
    now = InvoiceState.WRITTEN
    for verdict in said:
        now = after(now, verdict)
    assert now is state


@pytest.mark.parametrize("verdict", [R, C, Q])
def test_what_is_replaced_stays_replaced(verdict: Verdict):
    assert after(InvoiceState.REPLACED, verdict) is InvoiceState.REPLACED


def test_a_yes_to_what_is_replaced_is_refused():
    with pytest.raises(Invalid, match="DocumentReference/ID: is replaced"):
        after(InvoiceState.REPLACED, A)


def test_each_state_knows_each_verdict():
    assert set(AFTER) == set(InvoiceState)
    assert all(set(row) == set(Verdict) for state, row in AFTER.items() if state is not InvoiceState.REPLACED)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (SAID, None),
        (replace(SAID, document_type=None), None),
        (replace(SAID, sender="", of_message=True), None),
        (replace(SAID, document_type=DocumentType.CREDIT_NOTE), "DocumentTypeCode"),
        (replace(SAID, sender="5798000000025"), "SenderParty/EndpointID"),
        (replace(SAID, sender=""), "SenderParty/EndpointID"),
    ],
)
def test_a_response_is_about_an_invoice_and_from_its_buyer(told: Response, field: str | None):
    if field is None:
        must_be_about(told, buyer_gln="5798000000018")
        return
    with pytest.raises(Invalid) as refused:
        must_be_about(told, buyer_gln="5798000000018")
    assert refused.value.field == field

"""An ApplicationResponse is read however it is written, and says yes only where it says yes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.finance.application_response import response_in
from connectors.finance.xml_read import LARGEST_BYTES
from domain.books.invoices.invoice import DocumentType
from domain.books.invoices.response import Response, Verdict
from domain.errors import Invalid
from tests.connectors.finance.responses import (
    BUYERS_GLN,
    CAC,
    CBC,
    INVOICE_RESPONSE,
    MESSAGE_LEVEL_RESPONSE,
    OIOUBL,
    a_response,
)

REJECTED = Response(
    document="2026-0001234",
    document_type=DocumentType.INVOICE,
    verdict=Verdict.REJECTED,
    code="BusinessReject",
    reason="Kontostrengen er lukket: 5250 Ærødal",
    sender=BUYERS_GLN,
    id="RESP-7",
)
IN_TWO_LETTERS = f"""<?xml version='1.0'?><ar:ApplicationResponse
  xmlns:ar="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2" xmlns:a="{CAC}" xmlns:b="{CBC}">
  <b:ID>RESP-7</b:ID><!-- a comment --><a:SenderParty><b:EndpointID>{BUYERS_GLN}</b:EndpointID></a:SenderParty>
  <a:DocumentResponse><a:Response><b:ResponseCode> Business<!-- x -->Reject
  </b:ResponseCode><b:Description><![CDATA[Kontostrengen er lukket: 5250 Ærødal]]></b:Description></a:Response>
  <a:DocumentReference><b:ID>2026-0001234</b:ID><b:DocumentTypeCode>380</b:DocumentTypeCode></a:DocumentReference>
  </a:DocumentResponse></ar:ApplicationResponse>"""


def declared(encoding: str) -> str:
    return a_response(begin=f'<?xml version="1.0" encoding="{encoding}"?>')


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(a_response().encode(), id="plain"),
        pytest.param(a_response(begin="").encode(), id="undeclared"),
        pytest.param(b"\xef\xbb\xbf" + a_response().encode(), id="byte order mark"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbf\r\n " + a_response().encode(), id="two marks and white space"),
        pytest.param(declared("ISO-8859-1").encode("latin-1"), id="Latin 1"),
        pytest.param(declared("windows-1252").encode("cp1252"), id="Windows 1252"),
        pytest.param(declared("UTF-16").encode("utf-16"), id="UTF-16"),
        pytest.param(IN_TWO_LETTERS.encode(), id="other prefixes, a comment and CDATA"),
        pytest.param(a_response().replace("\n", "\r\n").encode(), id="line ends of Windows"),
    ],
)
def test_it_is_read_however_it_is_written(data: bytes):
    assert response_in(data) == REJECTED


@pytest.mark.parametrize(
    ("code", "customization", "verdict"),
    [
        ("BusinessAccept", OIOUBL, Verdict.ACCEPTED),
        ("BusinessReject", OIOUBL, Verdict.REJECTED),
        ("ProfileAccept", OIOUBL, Verdict.RECEIVED),
        ("ProfileReject", OIOUBL, Verdict.REJECTED),
        ("TechnicalAccept", OIOUBL, Verdict.RECEIVED),
        ("TechnicalReject", OIOUBL, Verdict.REJECTED),
        ("AB", INVOICE_RESPONSE, Verdict.RECEIVED),
        ("IP", INVOICE_RESPONSE, Verdict.RECEIVED),
        ("UQ", INVOICE_RESPONSE, Verdict.UNDER_QUERY),
        ("CA", INVOICE_RESPONSE, Verdict.UNDER_QUERY),
        ("RE", INVOICE_RESPONSE, Verdict.REJECTED),
        ("AP", INVOICE_RESPONSE, Verdict.ACCEPTED),
        ("PD", INVOICE_RESPONSE, Verdict.ACCEPTED),
        ("AP", MESSAGE_LEVEL_RESPONSE, Verdict.RECEIVED),
        ("AB", MESSAGE_LEVEL_RESPONSE, Verdict.RECEIVED),
        ("RE", MESSAGE_LEVEL_RESPONSE, Verdict.REJECTED),
    ],
)
def test_each_code_says_what_it_means_and_nothing_more(code: str, customization: str, verdict: Verdict):
    assert response_in(a_response(code, customization=customization).encode()).verdict is verdict


@pytest.mark.parametrize("code", ["BusinessReject", "RE"])
def test_a_yes_with_a_line_refused_waits_for_a_person(code: str):
    line = (
        "<cac:LineResponse><cac:LineReference><cbc:LineID>2</cbc:LineID></cac:LineReference><cac:Response>"
        f"<cbc:ResponseCode>{code}</cbc:ResponseCode><cbc:Description>Linje 2 er betalt</cbc:Description>"
        "</cac:Response></cac:LineResponse>"
    )
    found = response_in(a_response("BusinessAccept", lines=line).encode())

    assert found.verdict is Verdict.UNDER_QUERY
    assert found.reason == "Kontostrengen er lukket: 5250 Ærødal\nLinje 2 er betalt"


@pytest.mark.parametrize(
    ("code", "document_type"),
    [
        ("<cbc:DocumentTypeCode>CreditNote</cbc:DocumentTypeCode>", DocumentType.CREDIT_NOTE),
        ("<cbc:DocumentTypeCode>381</cbc:DocumentTypeCode>", DocumentType.CREDIT_NOTE),
        ("<cbc:DocumentTypeCode/>", None),
        ("", None),
    ],
)
def test_the_kind_of_document_is_told_where_it_stands(code: str, document_type: DocumentType | None):
    found = response_in(a_response(document=f"<cbc:ID>2026-0001234</cbc:ID>{code}").encode())

    assert found.document_type is document_type


def test_peppols_reasons_are_all_told_once():
    why = (
        "<cac:Status><cbc:StatusReasonCode listID='OPStatusReason'>REF</cbc:StatusReasonCode>"
        "<cbc:StatusReason>Ordren mangler</cbc:StatusReason></cac:Status>"
        "<cac:Status><cbc:StatusReasonCode listID='OPStatusAction'>NIN</cbc:StatusReasonCode>"
        "<cbc:StatusReason>Ordren mangler</cbc:StatusReason></cac:Status>"
    )
    found = response_in(a_response("RE", customization=INVOICE_RESPONSE, why=why).encode())

    assert found.reason == "REF\nNIN\nOrdren mangler"
    assert found.reasons == ("REF", "NIN")


def test_a_reason_that_is_no_code_of_peppols_is_text_and_no_code():
    why = "<cac:Status><cbc:StatusReasonCode>Familien Hansen</cbc:StatusReasonCode></cac:Status>"
    assert response_in(a_response("RE", customization=INVOICE_RESPONSE, why=why).encode()).reasons == ()


def test_two_files_that_say_the_same_have_the_same_digests_and_another_word_has_others():
    one, spaced = response_in(a_response().encode()), response_in(a_response().replace("\n  ", "\n\t").encode())
    other = response_in(a_response("TechnicalReject").encode())
    assert (one.name_digest, one.meaning_digest) == (spaced.name_digest, spaced.meaning_digest)
    assert other.name_digest == one.name_digest
    assert other.meaning_digest != one.meaning_digest
    assert replace(one, id="").name_digest != replace(other, id="").name_digest


def test_a_reason_holds_no_cpr_number_and_no_sign_that_is_not_seen_and_ends():
    why = "<cbc:Description>Vedr. 010190-0001\u202e&#13;her" + " og mere" * 1_000 + "</cbc:Description>"
    found = response_in(a_response(why=why).encode())

    assert "0001" not in found.reason
    assert "\u202e" not in found.reason
    assert len(found.reason) == 2_000


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "{}">]>'.format("b" * 99)
DEEP = "<cac:X>" * 40 + "</cac:X>" * 40
NAMES = "".join(f"<cac:A{number}/>" for number in range(1_100))
VALUES = "<cbc:Note>x</cbc:Note>" * 2_100
UNDECLARED_PREFIX = a_response().replace("<Appl", "<x:Appl").replace("</Appl", "</x:Appl")
TWO_CODES = "<cbc:ResponseCode>BusinessAccept</cbc:ResponseCode>"
OTHER_ANSWER = "<cac:DocumentResponse><cac:Response/></cac:DocumentResponse>"
AN_ORDER = "<cbc:ID>4711</cbc:ID><cbc:DocumentTypeCode>Order</cbc:DocumentTypeCode>"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        pytest.param(b"", "document", id="nothing"),
        pytest.param(b"\xef\xbb\xbf \n", "document", id="white space"),
        pytest.param(b"{}", "document", id="JSON"),
        pytest.param(b"<html></html>", "document", id="a page"),
        pytest.param(b"%PDF-1.7", "document", id="a PDF"),
        pytest.param(a_response().encode()[:-40], "document", id="not whole"),
        pytest.param(a_response().encode() + b"<x/>", "document", id="two roots"),
        pytest.param(a_response(begin=BOMB).encode(), "document", id="entities"),
        pytest.param(a_response(begin='<!DOCTYPE a SYSTEM "file:///etc/passwd">').encode(), "document", id="a file"),
        pytest.param(a_response(why="<cbc:Description>&b;</cbc:Description>").encode(), "document", id="no entity"),
        pytest.param(a_response(why="\x00").encode(), "document", id="a null"),
        pytest.param(a_response().encode("latin-1"), "document", id="Latin 1 undeclared"),
        pytest.param(declared("ebcdic-æ").encode(), "document", id="no encoding"),
        pytest.param(declared("utf-7").encode(), "document", id="an encoding of many bytes"),
        pytest.param(a_response(more=DEEP).encode(), "document", id="deep"),
        pytest.param(a_response(more=NAMES).encode(), "document", id="many names"),
        pytest.param(a_response(more=VALUES).encode(), "document", id="many values"),
        pytest.param(a_response(more=" " * LARGEST_BYTES).encode(), "document", id="large"),
        pytest.param(a_response().replace("ApplicationResponse-2", "Invoice-2").encode(), "document", id="namespace"),
        pytest.param(UNDECLARED_PREFIX.encode(), "document", id="no such prefix"),
        pytest.param(a_response().replace("ApplicationResponse ", "Invoice ").encode(), "document", id="another root"),
        pytest.param(a_response("Accepted").encode(), "ResponseCode", id="unknown code"),
        pytest.param(a_response("businessaccept").encode(), "ResponseCode", id="small letters"),
        pytest.param(a_response("").encode(), "ResponseCode", id="no code"),
        pytest.param(a_response(why=TWO_CODES).encode(), "ResponseCode", id="yes and no"),
        pytest.param(a_response(document="").encode(), "ID", id="no document"),
        pytest.param(a_response(document="<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>").encode(), "ID", id="two documents"),
        pytest.param(a_response(document=f"<cbc:ID>{'9' * 201}</cbc:ID>").encode(), "ID", id="a long number"),
        pytest.param(a_response(document="<cbc:ID>1&#10;2</cbc:ID>").encode(), "ID", id="a number of two lines"),
        pytest.param(a_response(document=AN_ORDER).encode(), "DocumentTypeCode", id="an order"),
        pytest.param(a_response(more=OTHER_ANSWER).encode(), "DocumentResponse", id="two answers"),
        pytest.param(a_response().replace("DocumentResponse", "Other").encode(), "DocumentResponse", id="no answer"),
    ],
)  # fmt: skip
def test_what_says_nothing_clear_about_one_invoice_is_refused(data: bytes, field: str):
    with pytest.raises(Invalid) as refused:
        response_in(data)

    assert refused.value.field == field
    assert not {"Ærødal", "2026-0001234", "ebcdic", "passwd"} & set(str(refused.value).split())


@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda text: a_response(why=text).encode("utf-8", "replace"))
)
def test_whatever_comes_is_read_or_refused(data: bytes):
    try:
        found = response_in(data)
    except Invalid:
        return
    assert found.verdict in Verdict
    assert found.document

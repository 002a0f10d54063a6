"""The invoices of a settled month on the command line: valid in the form of their buyer, and the same each time."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import peppol
import pytest
from sqlmodel import select

from domain.books.shares import kroner
from domain.parties.bookkeeping import InvoiceForm
from storage.attention import close_subject, open_items
from storage.audit.chain import bind
from storage.audit.verdict import verified
from storage.books.bookkeeping.invoice_rows import InvoiceResponse
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from tasks.upkeep.asked_again import ask_again
from tests.connectors.finance.responses import BUYERS_GLN, INVOICE_RESPONSE, OIOUBL, a_response
from tests.domain.books.some_invoices import gln
from tests.storage.books.invoiced import BOOKS, HAVBLIK, ODENSES, invoiced, rows_of
from tests.storage.books.model import two_housed_families
from tests.tasks.books.postings_of_a_world import NYBORG, ODENSE, keeps_books, why
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def settled(world: World, tilflyt: CommandLine) -> str:
    month = f"{world.clock.now():%Y-%m}"
    world.clock.move_on(timedelta(days=40))
    tilflyt("settlement", "make", month, "--by", "Regnskab")
    return month


def exported(tilflyt: CommandLine, month: str, folder: str, code: int = 0) -> dict[str, Any]:
    (tilflyt.folder / folder).mkdir()
    return json.loads(tilflyt("invoice", "export", month, folder, "--json", code=code))


@pytest.mark.parametrize(("form", "called"), [(None, "oioubl_2_1"), (InvoiceForm.PEPPOL, "peppol_bis_3")])
def test_each_payment_has_a_valid_invoice_in_the_form_of_its_buyer(world: World, tilflyt: CommandLine, form, called):
    invoiced(world, ODENSE, NYBORG, HAVBLIK, form=form)
    month = settled(world, tilflyt)

    found = exported(tilflyt, month, "first")
    again = exported(tilflyt, month, "second")

    assert [one["form"] for one in found["written"]] == [called] * 2
    assert found["without"] == []
    shown = json.loads(tilflyt("settlement", "show", month, "--party", ODENSE, "--json"))["statements"][0]
    assert sum(one["amount_ore"] for one in found["written"]) == -shown["total_ore"]
    for one, other in zip(found["written"], again["written"], strict=True):
        first, second = ((tilflyt.folder / each["file"]).read_bytes() for each in (one, other))
        assert first == second
        assert peppol.validate_xsd(first) == (True, [])
        assert "Månedens poster".encode() in first
        assert b"Opdigtet" not in first.replace(b"(opdigtet)", b"")


def test_a_gross_payment_has_a_line_for_each_booking_with_its_case_and_agreement(world: World, tilflyt: CommandLine):
    with world.platform.database.writing() as session:
        kept = session.exec(select(AgreementVersion).where(AgreementVersion.version == 2)).one()
        agreement = replace(AGREEMENTS.validate_json(kept.document), version=3, settled_gross=("0450", "0461"))
        remember_agreement(session, agreement, now=world.clock.now())
    invoiced(world, ODENSE, NYBORG, HAVBLIK)
    month = settled(world, tilflyt)

    found = exported(tilflyt, month, "gross")

    (one,) = (row for row in found["written"] if row["seller"] == NYBORG)
    written = (tilflyt.folder / one["file"]).read_text(encoding="utf-8")
    assert peppol.validate_xsd(written.encode()) == (True, [])
    assert "Aftale fyn version 2: reception" in written
    assert written.count("TF-2026-00001") >= 2
    # An association knows a case by its pseudonym alone.
    (other,) = (row for row in found["written"] if row["seller"] == HAVBLIK)
    told = (tilflyt.folder / other["file"]).read_text(encoding="utf-8")
    assert "TF-2026" not in told
    assert told.count("Aftale fyn version 2: reception") == 2


def test_who_lacks_something_is_named_and_the_others_are_written(world: World, tilflyt: CommandLine):
    invoiced(world, ODENSE, NYBORG)
    month = settled(world, tilflyt)

    found = exported(tilflyt, month, "some", code=1)

    assert len(found["written"]) == 1
    assert found["without"] == [
        f"{ODENSE} pays {HAVBLIK}: {HAVBLIK} lacks cvr, gln, address, bank_account under bookkeeping"
    ]
    assert "is not settled" in tilflyt("invoice", "export", "2030-01", "some", code=1)


def answered(tilflyt: CommandLine, number: str, code: str, *, id_: str = "RESP-7", sender: str = ODENSES) -> str:
    """A buyer's response in a file."""
    told = a_response(
        code,
        customization=OIOUBL if code.startswith(("B", "T")) else INVOICE_RESPONSE,
        document=f"<cbc:ID>{number}</cbc:ID><cbc:DocumentTypeCode>380</cbc:DocumentTypeCode>",
    )
    told = told.replace("RESP-7", id_).replace(BUYERS_GLN, sender)
    (tilflyt.folder / "response.xml").write_text(told, encoding="utf-8")
    return "response.xml"


@pytest.mark.parametrize(("form", "no", "yes"), [(None, "BusinessReject", "BusinessAccept"), ("peppol", "RE", "AP")])
def test_a_rejected_invoice_is_due_again_and_is_corrected_under_a_number_that_names_it(
    world: World, tilflyt: CommandLine, form: str | None, no: str, yes: str
):
    invoiced(world, ODENSE, NYBORG, HAVBLIK, form=InvoiceForm(form) if form else None)
    month = settled(world, tilflyt)
    first, other = (one["number"] for one in exported(tilflyt, month, "first")["written"])

    def says(number: str, code: str, exit_code: int = 0, **how: str) -> dict[str, Any]:
        return json.loads(
            tilflyt("invoice", "response", answered(tilflyt, number, code, **how), "--json", code=exit_code)
        )

    def states() -> dict[str, str]:
        return {one["number"]: one["state"] for one in json.loads(tilflyt("invoice", "list", "--json"))}

    heard = says(first, no, 1)
    assert (heard["state"], heard["is_new"], heard["said"]) == (
        "rejected",
        True,
        "Kontostrengen er lukket: 5250 Ærødal",
    )
    assert says(first, no, 1)["is_new"] is False
    assert states() == {first: "rejected", other: "written"}
    assert why(world) == ["invoice_rejected"]
    with world.platform.database.writing() as session:
        close_subject(session, open_items(session)[0].about, now=world.clock.now(), by="Regnskab")
    assert (ask_again(world.platform), why(world)) == (1, ["invoice_rejected"])
    assert len(world.rows(select(InvoiceResponse))) == 1
    late = says(first, "AB" if form else "TechnicalAccept", 1, id_="RESP-9")
    assert (late["state"], late["why"]) == ("rejected", no)
    assert "Ærødal" not in str(world.rows(select(InvoiceResponse)))

    keeps_books(world, ODENSE, replace(BOOKS, gln=ODENSES, buyer_reference="Regnskab 7", invoices=rows_of(form)))
    world.clock.move_on(timedelta(days=3))
    (tilflyt.folder / "anew").mkdir()
    corrected = json.loads(tilflyt("invoice", "correct", first, "anew", "--by", "Regnskab", "--json"))
    assert (corrected["number"], corrected["replaces"]) == (f"{first}-2", first)
    written = (tilflyt.folder / corrected["file"]).read_bytes()
    assert peppol.validate_xsd(written) == (True, [])
    assert f"Erstatter faktura {first}".encode() in written
    assert (b"BillingReference" in written) is (form == "peppol")
    assert b"Regnskab 7" in written
    assert states() == {first: "replaced", other: "written", f"{first}-2": "written"}
    assert (ask_again(world.platform), why(world)) == (0, [])
    assert "is replaced: only a rejected one" in tilflyt("invoice", "correct", first, "anew", code=1)

    again = exported(tilflyt, month, "again")["written"]
    assert {one["number"] for one in again} == {f"{first}-2", other}
    for one in again:
        before = "anew" if one["number"] == f"{first}-2" else "first"
        assert (tilflyt.folder / one["file"]).read_bytes() == (
            tilflyt.folder / before / f"{one['number']}.xml"
        ).read_bytes()
    assert "DocumentReference/ID: is replaced" in tilflyt(
        "invoice", "response", answered(tilflyt, first, yes, id_="RESP-8"), code=1
    )
    assert says(f"{first}-2", yes)["state"] == "accepted"
    with world.platform.database.writing() as session:
        assert bind(session)
        chained = verified(session)
        assert (chained.unchained, chained.reached) == (0, chained.entries)


def test_a_response_that_cannot_be_about_an_invoice_of_ours_is_refused_by_its_field(world: World, tilflyt: CommandLine):
    invoiced(world, ODENSE, NYBORG, HAVBLIK)
    number = exported(tilflyt, settled(world, tilflyt), "first")["written"][0]["number"]

    def said(file: str) -> str:
        return tilflyt("invoice", "response", file, code=1)

    assert "DocumentReference/ID: is the number of no invoice" in said(answered(tilflyt, "U2603-0", "RE"))
    assert "SenderParty/EndpointID: is missing, or not" in said(
        answered(tilflyt, number, "RE", sender=gln(579800000002))
    )
    assert "ResponseCode: is none of the codes" in said(answered(tilflyt, number, "OK"))
    assert "under_query" in said(answered(tilflyt, number, "UQ"))
    assert why(world) == ["invoice_queried"]
    assert "ID: is that of another response" in said(answered(tilflyt, number, "RE"))
    assert "is accepted" in tilflyt("invoice", "response", answered(tilflyt, number, "AP", id_="RESP-8"))
    assert why(world) == []
    assert "no invoice U2603-0" in tilflyt("invoice", "correct", "U2603-0", ".", code=1)


def test_a_banks_statement_is_reconciled_with_the_invoices_by_their_numbers(world: World, tilflyt: CommandLine):
    invoiced(world, ODENSE, NYBORG, HAVBLIK)
    first, other = exported(tilflyt, settled(world, tilflyt), "first")["written"]
    entries = "".join(
        f'<Ntry><Amt Ccy="DKK">{kroner(one["amount_ore"] + more)}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{one['due_on']}</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>{one['number']}</EndToEndId>"
        "</Refs></TxDtls></NtryDtls></Ntry>"
        for one, more in ((first, 0), (first, 0), (other, 1))
    )
    space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
    stated = f'<Document xmlns="{space}"><BkToCstmrStmt><Stmt>{entries}</Stmt></BkToCstmrStmt></Document>'
    (tilflyt.folder / "bank.xml").write_text(stated, encoding="utf-8")

    def found(party: str) -> list[tuple[str, str]]:
        order = ("invoice", "payments", party, "bank.xml", "--until", "2030-01-01", "--json")
        return [(one["list"], one["key"]) for one in json.loads(tilflyt(*order, code=1))["lists"]]

    assert found(ODENSE) == [("another_amount", other["number"]), ("twice", first["number"])]
    # Money that went out is no money that came in.
    assert {name for name, _ in found(NYBORG)} == {"another_amount", "lost_here"}

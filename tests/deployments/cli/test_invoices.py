"""The invoices of a settled month on the command line: valid in the form of their buyer, and the same each time."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import peppol
import pytest
from sqlmodel import select

from domain.parties.bookkeeping import Account, Address, Bookkeeping, InvoiceForm, InvoicesFrom
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.parties.partners import partner_of
from tests.domain.books.some_invoices import gln
from tests.storage.books.model import two_housed_families
from tests.tasks.books.postings_of_a_world import NYBORG, ODENSE, keeps_books
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)
HAVBLIK = "association:havblik"
BOOKS = Bookkeeping(
    cvr="00000019",
    buyer_reference="Økonomi",
    address=Address("Rådhuspladsen 1", "5000", "Odense"),
    bank_account=Account("1234", "0001234567"),
)


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def invoiced(world: World, *parties: str, form: InvoiceForm | None = None) -> None:
    rows = (InvoicesFrom(form, date(2026, 1, 1)),) if form else ()
    for number, party in enumerate(parties, 1):
        keeps_books(world, party, replace(BOOKS, gln=gln(579800000000 + number), invoices=rows))


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
        agreement = replace(AGREEMENTS.validate_json(kept.document), version=3, settled_gross=("0450",))
        remember_agreement(session, agreement, now=world.clock.now())
    invoiced(world, ODENSE, NYBORG, HAVBLIK)
    month = settled(world, tilflyt)

    found = exported(tilflyt, month, "gross")

    with world.platform.database.reading() as session:
        nyborg = partner_of(session, NYBORG).name
    (one,) = (row for row in found["written"] if row["seller"] == nyborg)
    written = (tilflyt.folder / one["file"]).read_text(encoding="utf-8")
    assert peppol.validate_xsd(written.encode()) == (True, [])
    assert "Aftale fyn version 2: reception" in written
    assert written.count("TF-2026-00001") >= 2


def test_who_lacks_something_is_named_and_the_others_are_written(world: World, tilflyt: CommandLine):
    invoiced(world, ODENSE, NYBORG)
    month = settled(world, tilflyt)

    found = exported(tilflyt, month, "some", code=1)

    assert len(found["written"]) == 1
    assert found["without"] == [
        f"{ODENSE} pays {HAVBLIK}: {HAVBLIK} lacks cvr, gln, address, bank_account under bookkeeping"
    ]
    assert "is not settled" in tilflyt("invoice", "export", "2030-01", "some", code=1)

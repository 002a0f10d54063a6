"""How a party wants its books told: what is wrong with it, field by field, and what holds on a day."""

from dataclasses import replace
from datetime import date

import pytest

from domain.parties.bookkeeping import (
    Account,
    Address,
    Bookkeeping,
    InvoiceForm,
    InvoicesFrom,
    PostingForm,
    PostingsFrom,
    faults_of_bookkeeping,
)

FROM = date(2026, 4, 1)
ACCOUNTS = {"default": "5334101", "balance": "9991001"}
CSV = Bookkeeping(postings=(PostingsFrom(PostingForm.CSV, FROM),), accounts=ACCOUNTS)
PRISME = replace(CSV, postings=(PostingsFrom(PostingForm.PRISME, FROM),), organisation=461, machine=17)
INVOICED = Bookkeeping(
    invoices=(InvoicesFrom(InvoiceForm.OIOUBL, FROM),),
    cvr="35209115",
    gln="5790001330552",
    buyer_reference="Økonomi",
    address=Address("Flakhaven 2", "5000", "Odense C"),
    bank_account=Account("1234", "0001234567"),
)


@pytest.mark.parametrize("well", [Bookkeeping(), CSV, PRISME, INVOICED])
def test_what_can_be_told_has_no_fault(well: Bookkeeping):
    assert list(faults_of_bookkeeping(well, is_municipality=True)) == []


@pytest.mark.parametrize(
    ("books", "field", "says"),
    [
        (replace(CSV, postings=CSV.postings * 2), "postings", "two forms begin on one day"),
        (replace(INVOICED, invoices=INVOICED.invoices * 2), "invoices", "two forms begin on one day"),
        (replace(CSV, accounts={"default": "1"}), "accounts.balance", "is missing"),
        (replace(CSV, accounts={"balance": "1"}), "accounts.default", "is missing"),
        (replace(CSV, accounts=ACCOUNTS | {"reception": "=1"}), "accounts.reception", "beginning with"),
        (replace(CSV, accounts=ACCOUNTS | {"reception": ""}), "accounts.reception", "beginning with"),
        (replace(CSV, accounts=ACCOUNTS | {"reception": "1" * 61}), "accounts.reception", "at most 60"),
        (replace(CSV, accounts=ACCOUNTS | {"reception": "é1"}), "accounts.reception", "letters, digits"),
        (replace(PRISME, accounts=ACCOUNTS | {"reception": "5.33"}), "accounts.reception", "digits alone, at most 10"),
        (replace(PRISME, accounts=ACCOUNTS | {"default": "1" * 11}), "accounts.default", "digits alone"),
        (replace(PRISME, account_digits=16), "account_digits", "1 to 15"),
        (replace(PRISME, machine=0), "machine", "from 1 to 99999"),
        (replace(PRISME, organisation=10_000), "organisation", "from 1 to 9999"),
        (replace(INVOICED, cvr="3520911"), "cvr", "eight digits"),
        (replace(INVOICED, gln="5790001330553"), "gln", "check digit"),
        (replace(INVOICED, bank_account=Account("123", "1")), "bank_account", "4 digits"),
        (replace(INVOICED, bank_account=Account("1234", "12345678901")), "bank_account", "at most 10"),
        (replace(INVOICED, address=Address("a\nb", "1", "c")), "address.street", "one line"),
        (replace(INVOICED, buyer_reference="www.example.dk"), "buyer_reference", "web"),
        *(
            (
                replace(
                    INVOICED,
                    **{name: type(getattr(INVOICED, name))() if name in ("cvr", "gln", "buyer_reference") else None},
                ),
                name,
                "is missing",
            )
            for name in ("cvr", "gln", "buyer_reference", "address", "bank_account")
        ),
    ],
)
def test_each_fault_names_its_field(books: Bookkeeping, field: str, says: str):
    found = dict(faults_of_bookkeeping(books, is_municipality=True))
    assert says in found[field]


def test_an_association_takes_invoices_and_no_postings():
    assert dict(faults_of_bookkeeping(CSV, is_municipality=False)).keys() == {"postings"}
    assert dict(faults_of_bookkeeping(INVOICED, is_municipality=False)) == {}


def test_the_newest_form_that_has_begun_holds():
    books = replace(
        PRISME, postings=(PostingsFrom(PostingForm.CSV, FROM), PostingsFrom(PostingForm.PRISME, date(2027, 1, 1)))
    )
    days = (date(2026, 3, 31), FROM, date(2026, 12, 31), date(2027, 1, 1))
    assert [str(books.posted_on(day)) for day in days] == ["json", "csv", "csv", "prisme"]


def test_an_account_string_is_that_of_the_purpose_or_the_default():
    books = Bookkeeping(accounts={"default": "1", "reception": "2"})
    assert [books.account_string(one) for one in ("reception", "month")] == ["2", "1"]
    assert Bookkeeping().account_string("reception") == ""

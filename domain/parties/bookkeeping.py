"""How a party keeps its books: in which form it takes postings and invoices, and the numbers that stand in them.

A party without it takes postings as JSON over HTTP, as its `finance` system does, and no invoices.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, TypeVar

from domain.text.danish_numbers import are_digits, is_cvr, is_gln
from domain.text.written import NO_LINE, is_line

ACCOUNT_DIGITS = 15
LONGEST_ACCOUNT = 60
DEFAULT, BALANCE = "default", "balance"
BEGINS_AN_ACCOUNT = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅabcdefghijklmnopqrstuvwxyzæøå")
IN_AN_ACCOUNT = BEGINS_AN_ACCOUNT | frozenset("_./ -")
FORBID: dict[str, str] = {"extra": "forbid"}


class PostingForm(StrEnum):
    """How postings reach a finance system: one by one as JSON, or in runs, as a file."""

    JSON = "json"
    CSV = "csv"
    PRISME = "prisme"


class InvoiceForm(StrEnum):
    """How a party takes e-invoices."""

    PEPPOL = "peppol"
    OIOUBL = "oioubl"


class FileEncoding(StrEnum):
    """In which encoding a party takes its files."""

    WINDOWS_1252 = "cp1252"
    UTF_8 = "utf-8"


@dataclass(frozen=True, slots=True)
class PostingsFrom:
    """The form of postings from a day on."""

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID

    form: PostingForm
    from_day: date


@dataclass(frozen=True, slots=True)
class InvoicesFrom:
    """The form of invoices from a day on."""

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID

    form: InvoiceForm
    from_day: date


Form = TypeVar("Form", PostingsFrom, InvoicesFrom)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a party is, as its invoices have it."""

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID

    street: str
    post_code: str
    city: str


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account: its registration number and its number."""

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID

    registration: str
    number: str


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """What a party's books want to be told in.

    `accounts` are account strings (kontostreng) by purpose: a part's name, `compensation` for the plainest terms,
    `default` for what is not named, and `balance` for the account against which a file books each posting, so that it
    balances. `organisation`, `machine` and `account_digits` are Prisme's. `closed_days` are further days on which the
    party's bank is closed.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = FORBID

    postings: tuple[PostingsFrom, ...] = ()
    invoices: tuple[InvoicesFrom, ...] = ()
    accounts: dict[str, str] = field(default_factory=dict)
    encoding: FileEncoding = FileEncoding.UTF_8
    organisation: int = 0
    machine: int = 0
    account_digits: int = 10
    cvr: str = ""
    gln: str = ""
    buyer_reference: str = ""
    address: Address | None = None
    bank_account: Account | None = None
    closed_days: tuple[date, ...] = ()

    @property
    def takes_files(self) -> bool:
        """Whether postings go there in a file, now or later."""
        return any(one.form is not PostingForm.JSON for one in self.postings)

    def posted_on(self, day: date) -> PostingForm:
        """The form of postings on a day: the newest that has begun, else JSON."""
        begun = begun_on(day, self.postings)
        return begun.form if begun else PostingForm.JSON

    def account_string(self, purpose: str) -> str:
        """The account string of a purpose; empty when the party has named none."""
        return self.accounts.get(purpose) or self.accounts.get(DEFAULT, "")


def begun_on(day: date, rows: Sequence[Form]) -> Form | None:
    """The newest row that has begun on a day."""
    return max((one for one in rows if one.from_day <= day), key=lambda one: one.from_day, default=None)


def faults_of_bookkeeping(books: Bookkeeping, *, is_municipality: bool) -> Iterator[tuple[str, str]]:
    """Every reason why a party's books cannot be told in this way: the field, and what to do."""
    for name, rows in (("postings", books.postings), ("invoices", books.invoices)):
        days = [one.from_day for one in rows]
        if len(set(days)) < len(days):
            yield name, "two forms begin on one day: keep one of them"
    for purpose, account in books.accounts.items():
        if why := why_no_account(account, books):
            yield f"accounts.{purpose}", why
    forms = {one.form for one in books.postings}
    if forms and not is_municipality:
        yield "postings", "an association's postings go to the receiving municipality: leave this out"
    if forms - {PostingForm.JSON}:
        yield from _faults_of_files(books, forms)
    yield from _faults_of_numbers(books)
    if books.invoices:
        yield from _lacking_for_invoices(books)


def why_no_account(account: str, books: Bookkeeping | None) -> str | None:
    """Why a text cannot be an account string of a party; None when it can."""
    fits = {*account[:1]} <= BEGINS_AN_ACCOUNT and {*account} <= IN_AN_ACCOUNT and account
    if not fits or len(account) > LONGEST_ACCOUNT:
        return "letters, digits and ._/- only, at most 60, beginning with a letter or digit"
    for_prisme = books is not None and any(one.form is PostingForm.PRISME for one in books.postings)
    if books is not None and for_prisme and not are_digits(account, books.account_digits, least=1):
        return f"Prisme takes digits alone, at most {books.account_digits}"
    return None


def _faults_of_files(books: Bookkeeping, forms: set[PostingForm]) -> Iterator[tuple[str, str]]:
    """What a file of postings needs."""
    for purpose in (DEFAULT, BALANCE):
        if purpose not in books.accounts:
            yield f"accounts.{purpose}", "is missing: a file of postings books every posting on two accounts"
    if PostingForm.PRISME not in forms:
        return
    if not 1 <= books.account_digits <= ACCOUNT_DIGITS:
        yield "account_digits", f"1 to {ACCOUNT_DIGITS}: to how many digits Prisme's accounts are filled up"
    for name, value, most in (("organisation", books.organisation, 9_999), ("machine", books.machine, 99_999)):
        if not 1 <= value <= most:
            yield name, f"is missing or no number from 1 to {most}: it is agreed with whoever runs Prisme"


def _faults_of_numbers(books: Bookkeeping) -> Iterator[tuple[str, str]]:
    if books.cvr and not is_cvr(books.cvr):
        yield "cvr", "must be eight digits"
    if books.gln and not is_gln(books.gln):
        yield "gln", "must be 13 digits, the last of them the check digit"
    account = books.bank_account
    if account and not (are_digits(account.registration, 4) and are_digits(account.number, 10, least=1)):
        yield "bank_account", "a registration number of 4 digits, and an account of at most 10"
    lines = [("buyer_reference", books.buyer_reference)] if books.buyer_reference else []
    if books.address:
        lines += [(f"address.{one}", getattr(books.address, one)) for one in ("street", "post_code", "city")]
    yield from ((name, NO_LINE) for name, line in lines if not is_line(line))


def _lacking_for_invoices(books: Bookkeeping) -> Iterator[tuple[str, str]]:
    for name in ("cvr", "gln", "buyer_reference", "address", "bank_account"):
        if not getattr(books, name):
            yield name, "is missing: an invoice must have it"

"""The invoices that were written, and what their buyers have said of them; the newest word counts."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, func, select

from domain.books.invoices.danish import EInvoiceForm
from domain.books.invoices.response import ASKED_ABOUT, InvoiceState, Verdict
from domain.errors import Unknown
from domain.subject import About, Subject
from storage.attention import ask_for_attention
from storage.books.settlements import SettledPayment, Settlement
from storage.columns import UtcDateTime, id_of, one_of
from storage.locks import hold_subject


class StoredInvoice(SQLModel, table=True):
    """An invoice for a settled payment, in øre, as it was written. Append-only.

    The payment's next attempt replaces the one before, which was rejected. The chain holds the document's SHA-256, and
    not the document, which may be long.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("payment_id", "attempt"),
        {"info": {"chained_as": "invoice", "not_chained": ("document",)}},
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str
    payment_id: int = Field(foreign_key="settled_payment.id")
    attempt: int
    seller: str
    buyer: str
    buyer_gln: str
    form: EInvoiceForm = Field(sa_type=one_of(EInvoiceForm, "invoice_form"))
    amount_ore: int = Field(sa_type=BigInteger)
    issued_on: date
    due_on: date
    digest: str
    document: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str


class InvoiceResponse(SQLModel, table=True):
    """What a buyer has said of an invoice, in codes, and how the invoice stands after it. Append-only.

    `name_digest` is that of the response's own id. The buyer's own words are kept nowhere: they may name a family.
    """

    __tablename__ = "invoice_response"
    __table_args__ = (UniqueConstraint("invoice_id", "name_digest"), {"info": {"chained_as": "invoice_response"}})

    id: int | None = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="invoice.id")
    name_digest: str
    meaning_digest: str
    verdict: Verdict = Field(sa_type=one_of(Verdict, "invoice_verdict"))
    code: str
    reasons: str = ""
    state: InvoiceState = Field(sa_type=one_of(InvoiceState, "invoice_state"))
    read_at: datetime = Field(sa_type=UtcDateTime)
    read_by: str


class ToldInvoice(NamedTuple):
    """An invoice, how it stands, and with which codes."""

    row: StoredInvoice
    state: InvoiceState
    why: str


def invoice_subject(row: StoredInvoice) -> Subject:
    """The subject of an attention item about an invoice."""
    return About.INVOICE.of(id_of(row))


def hold_invoices(session: Session, last_day: date) -> None:
    """Let one transaction at a time write the invoices of a month, or what is said of them."""
    hold_subject(session, f"{About.INVOICE}:{last_day:%Y-%m}")


def invoice_called(session: Session, number: str) -> StoredInvoice:
    """An invoice by its number, and its month held; `Unknown` for one that was not written here."""
    row = session.exec(select(StoredInvoice).where(StoredInvoice.number == number)).one_or_none()
    if row is None:
        raise Unknown(f"no invoice {number}")
    payment = session.get_one(SettledPayment, row.payment_id)
    hold_invoices(session, session.get_one(Settlement, payment.settlement_id).last_day)
    return row


def newest_invoice(session: Session, payment: SettledPayment) -> StoredInvoice | None:
    """The invoice for a payment that no later one replaces."""
    query = select(StoredInvoice).where(StoredInvoice.payment_id == payment.id)
    return session.exec(query.order_by(col(StoredInvoice.attempt).desc()).limit(1)).first()


def told_invoice(session: Session, row: StoredInvoice) -> ToldInvoice:
    """How an invoice stands."""
    query = select(InvoiceResponse).where(InvoiceResponse.invoice_id == row.id)
    heard = session.exec(query.order_by(col(InvoiceResponse.id).desc())).all()
    said = heard[0] if heard else None
    # What came later and changed nothing is not why.
    because = next((one for one in heard if said and one.verdict.value == said.state.value), None)
    why = f"{because.code} {because.reasons}".strip() if because else ""
    later = select(StoredInvoice.id).where(
        StoredInvoice.payment_id == row.payment_id, col(StoredInvoice.attempt) > row.attempt
    )
    if session.exec(later.limit(1)).first() is not None:
        return ToldInvoice(row, InvoiceState.REPLACED, why)
    return ToldInvoice(row, said.state if said else InvoiceState.WRITTEN, why)


def told_invoices(session: Session, *, last_day: date | None = None, party: str | None = None) -> list[ToldInvoice]:
    """Every invoice, of a month or of a party alone, in the order in which they were written."""
    query = select(StoredInvoice).join(SettledPayment, col(SettledPayment.id) == StoredInvoice.payment_id)
    if last_day is not None:
        query = query.join(Settlement, col(Settlement.id) == SettledPayment.settlement_id)
        query = query.where(Settlement.last_day == last_day)
    if party is not None:
        query = query.where((col(StoredInvoice.buyer) == party) | (col(StoredInvoice.seller) == party))
    return [told_invoice(session, row) for row in session.exec(query.order_by(col(StoredInvoice.id)))]


def ask_about(session: Session, told: ToldInvoice, *, now: datetime) -> bool:
    """Put an invoice on the attention list where a person must act; False when it is there already, or nobody must."""
    code = ASKED_ABOUT.get(told.state)
    detail = f"{told.row.number}: {told.row.buyer}: {told.why}"
    return code is not None and ask_for_attention(session, invoice_subject(told.row), code, now=now, detail=detail)


def ask_again_about_invoices(session: Session, *, now: datetime) -> int:
    """Put each invoice that is open again or queried on the list, unless it is there; returns how many were put."""
    newest = select(func.max(InvoiceResponse.id)).group_by(col(InvoiceResponse.invoice_id))
    query = (
        select(StoredInvoice)
        .join(InvoiceResponse, col(InvoiceResponse.invoice_id) == StoredInvoice.id)
        .where(col(InvoiceResponse.state).in_(list(ASKED_ABOUT)), col(InvoiceResponse.id).in_(newest))
    )
    rows = session.exec(query.order_by(col(StoredInvoice.id))).all()
    return sum(ask_about(session, told_invoice(session, row), now=now) for row in rows)

"""Runs of postings (bogføringskørsler): what goes to a party's finance system in one file, each posting in one run.

A run is a row before there is a file, and the file follows from the row alone: whoever dies in between, or loses the
file, writes the same bytes again.
"""

from collections.abc import Container
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.books.bookkeeping.posting_life import Known, PostingState
from domain.books.bookkeeping.posting_lines import both_lines
from domain.books.posting_run import PostingLine, PostingRun
from domain.errors import Invalid
from domain.parties.bookkeeping import BALANCE, Bookkeeping, PostingForm
from domain.parties.party import party_id
from domain.working_days import day_of, is_working_day
from storage.books.bookkeeping.corrections import agreement_told, correction_of, purpose_of
from storage.books.bookkeeping.states import HeardFrom, PostingStep, newest_steps, step_on
from storage.books.ledger import Booking, LedgerEntry
from storage.books.postings import posting_of
from storage.columns import UtcDateTime, id_of, one_of
from storage.locks import hold_runs
from storage.outbox import OutboxRow
from storage.parties.partners import partner_of

TERMS = TypeAdapter(Bookkeeping)


class StoredRun(SQLModel, table=True):
    """A run of a party on a day, in a form, with what the party's books wanted then (`terms`). Append-only."""

    __tablename__ = "posting_run"
    __table_args__ = (UniqueConstraint("party", "run_date"), {"info": {"chained_as": "posting_run"}})

    id: int | None = Field(default=None, primary_key=True)
    party: str
    run_date: date
    form: PostingForm = Field(sa_type=one_of(PostingForm, "posting_form"))
    terms: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str


class RunPosting(SQLModel, table=True):
    """A posting of a run, by the outbox row that names it: in one run and no other. Append-only."""

    __tablename__ = "posting_run_line"
    __table_args__ = (UniqueConstraint("outbox_id"), {"info": {"chained_as": "posting_run_line"}})

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="posting_run.id", index=True)
    outbox_id: int = Field(foreign_key="outbox.id")
    made_at: datetime = Field(sa_type=UtcDateTime)


def make_run(
    session: Session, party: str, run_date: date, *, closed_days: Container[date], by: str, now: datetime
) -> StoredRun | None:
    """The run of a party on a day: as it was made, or of all that waits; None when nothing waits.

    What is in it counts as sent. `Invalid` on a day to come or on which banks are closed, and for a party that takes no
    file on that day.
    """
    hold_runs(session, party)
    made = session.exec(select(StoredRun).where(StoredRun.party == party, StoredRun.run_date == run_date)).one_or_none()
    if made is not None:
        return made
    form, terms = _form_and_terms(session, party, run_date)
    if run_date > day_of(now):
        raise Invalid("run", f"{run_date} is still to come")
    if not is_working_day(run_date, closed_days):
        raise Invalid("run", f"banks are closed on {run_date}")
    rows = [row for row in queued(session, party) if _entry_date(session, row) <= run_date]
    if not rows:
        return None
    made = StoredRun(party=party, run_date=run_date, form=form, terms=terms, made_at=now, made_by=by)
    _put_in(session, made, rows, now=now)
    return made


def _put_in(session: Session, made: StoredRun, rows: list[OutboxRow], *, now: datetime) -> None:
    session.add(made)
    session.flush()
    session.add_all(RunPosting(run_id=id_of(made), outbox_id=id_of(row), made_at=now) for row in rows)
    for row in rows:
        step_on(session, row, Known(PostingState.SENT), heard_from=HeardFrom.FILE, now=now)


def _form_and_terms(session: Session, party: str, on: date) -> tuple[PostingForm, str]:
    books = partner_of(session, party).bookkeeping
    form = books.posted_on(on) if books else PostingForm.JSON
    if books is None or form is PostingForm.JSON:
        raise Invalid("party", f"{party} takes no file of postings on {on}: its postings go by themselves")
    return form, TERMS.dump_json(books).decode()


def queued(session: Session, party: str) -> list[OutboxRow]:
    """The postings that wait for a party's next run, in the order in which they were booked."""
    query = (
        select(OutboxRow)
        .join(PostingStep, col(PostingStep.outbox_id) == OutboxRow.id)
        .where(
            OutboxRow.addressee == party,
            PostingStep.state == PostingState.QUEUED,
            col(PostingStep.id).in_(newest_steps()),
        )
    )
    return list(session.exec(query.order_by(col(OutboxRow.id))))


def terms_of(run: StoredRun) -> Bookkeeping:
    """What the party's books wanted when a run was made."""
    return TERMS.validate_json(run.terms)


def run_of(session: Session, run: StoredRun) -> PostingRun:
    """A run as its forms write it. `Invalid` when a line cannot be."""
    terms = terms_of(run)
    lines = tuple(line for row in rows_of(session, run) for line in _lines(session, row, terms))
    return PostingRun(f"{party_id(run.party)}-{run.run_date}", run.party, run.run_date, lines)


def rows_of(session: Session, run: StoredRun) -> list[OutboxRow]:
    """The postings of a run."""
    query = select(OutboxRow).join(RunPosting, col(RunPosting.outbox_id) == OutboxRow.id)
    return list(session.exec(query.where(RunPosting.run_id == run.id).order_by(col(OutboxRow.id))))


def runs_of(session: Session, party: str) -> list[StoredRun]:
    """Every run of a party, in order."""
    return list(session.exec(select(StoredRun).where(StoredRun.party == party).order_by(col(StoredRun.run_date))))


def _entry_date(session: Session, row: OutboxRow) -> date:
    booking = session.get_one(Booking, session.get_one(LedgerEntry, row.entry_id).booking_id)
    return booking.entry_date or day_of(booking.booked_at)


def _lines(session: Session, row: OutboxRow, terms: Bookkeeping) -> tuple[PostingLine, PostingLine]:
    entry = session.get_one(LedgerEntry, row.entry_id)
    booking, correction = session.get_one(Booking, entry.booking_id), correction_of(session, row)
    entry_date = _entry_date(session, row)
    return both_lines(
        posting_of(session, booking, entry),
        key=row.key,
        account_string=(correction and correction.account_string) or terms.account_string(purpose_of(booking)),
        balance_account=terms.accounts.get(BALANCE, ""),
        entry_date=entry_date,
        value_date=booking.value_date or entry_date,
        rule=purpose_of(booking),
        agreement=agreement_told(session, booking),
    )

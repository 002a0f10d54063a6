"""What is known of each posting in another's finance system, line by line; its newest line counts."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, bindparam, func
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.books.bookkeeping.posting_life import ASKED_ABOUT, Known, PostingState, after
from domain.ports.finance import PostingAnswer
from domain.subject import About, Subject
from storage.attention import ask_for_attention
from storage.books.ledger import Booking, LedgerEntry
from storage.columns import UtcDateTime, id_of, one_of
from storage.outbox import OutboxRow, OutboxStanding

HELD_BEFORE = "held_before"
TOLD = (OutboxStanding.DELIVERED, OutboxStanding.MOOT)


class HeardFrom(StrEnum):
    """From where something is known of a posting: the call itself, a later question, a file, a person, a restore."""

    CALL = "call"
    ASKED = "asked"
    FILE = "file"
    PERSON = "person"
    RESTORED = "restored"


class PostingStep(SQLModel, table=True):
    """What became known of a posting at a moment: its state, a code of why, another amount in øre. Append-only.

    The posting is named by the outbox row that told it; one that is corrected has another row.
    """

    __tablename__ = "posting_state"
    __table_args__ = ({"info": {"chained_as": "posting_state"}},)

    id: int | None = Field(default=None, primary_key=True)
    outbox_id: int = Field(foreign_key="outbox.id", index=True)
    state: PostingState = Field(sa_type=one_of(PostingState, "posting_state"))
    reason: str = ""
    amount_ore: int | None = Field(default=None, sa_type=BigInteger)
    heard_from: HeardFrom = Field(sa_type=one_of(HeardFrom, "posting_heard_from"))
    by: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


def posting_subject(row: OutboxRow) -> Subject:
    """The subject of an attention item about a posting."""
    return About.POSTING.of(id_of(row))


_NEWEST = (
    select(PostingStep).where(PostingStep.outbox_id == bindparam("of")).order_by(col(PostingStep.id).desc()).limit(1)
)


def known_of(session: Session, row: OutboxRow) -> Known | None:
    """What is known of a posting; None while it was not told.

    One that an earlier version told has no line here: its acknowledgement was all there was, and counted.
    """
    return known_from(session.exec(_NEWEST, params={"of": row.id}).first(), row)


def known_from(step: PostingStep | None, row: OutboxRow) -> Known | None:
    """The same, from a posting's newest line."""
    if step is not None:
        return Known(step.state, step.reason, step.amount_ore)
    return Known(PostingState.ACCEPTED) if row.standing in TOLD else None


def state_now(state: PostingState | None, standing: OutboxStanding) -> PostingState:
    """A posting's state from that of its newest line, if it has one, and from how its row stands in the outbox.

    One that waits to be told is queued, and one that was refused with a status is rejected.
    """
    if state is None and standing in TOLD:
        return PostingState.ACCEPTED
    return state or (PostingState.REJECTED if standing is OutboxStanding.REFUSED else PostingState.QUEUED)


def newest_steps() -> SelectOfScalar[int | None]:
    """The newest line of each posting, as a query of their numbers."""
    return select(func.max(PostingStep.id)).group_by(col(PostingStep.outbox_id))


def hear(
    session: Session, row: OutboxRow, answer: PostingAnswer, *, heard_from: HeardFrom, now: datetime
) -> Known | None:
    """Write down what an answer says of a posting, and ask a person where one must act; None when it is nothing new.

    The posting's case must be held: of two answers at once the second must see the first.
    """
    entry = session.get_one(LedgerEntry, row.entry_id)
    found = after(known_of(session, row), answer, amount_ore=entry.amount_ore)
    if found is not None:
        step_on(session, row, found, heard_from=heard_from, now=now)
        if found.state in (PostingState.REJECTED, PostingState.DISPUTED):
            ask_about(session, row, found, now=now)
    return found


def step_on(
    session: Session, row: OutboxRow, known: Known, *, heard_from: HeardFrom, now: datetime, by: str | None = None
) -> None:
    """Write down what is known of a posting from now on."""
    session.add(
        PostingStep(
            outbox_id=id_of(row),
            state=known.state,
            reason=known.reason,
            amount_ore=known.amount_ore,
            heard_from=heard_from,
            by=by,
            at=now,
        )
    )
    session.flush()


def ask_about(session: Session, row: OutboxRow, known: Known, *, now: datetime) -> bool:
    """Put a posting on the attention list: rejected, disputed, or without an answer. False when it is there already."""
    booking = session.get_one(Booking, session.get_one(LedgerEntry, row.entry_id).booking_id)
    detail = f"{row.addressee}: {booking.name or booking.id}"
    detail += f": {known.reason}" if known.reason else ""
    # Without its case: whose items are closed when it ends, and what a finance system holds is not settled by that.
    return ask_for_attention(session, posting_subject(row), ASKED_ABOUT[known.state], now=now, detail=detail)


def without_an_answer(session: Session) -> list[tuple[PostingStep, OutboxRow]]:
    """The postings that were sent and nothing more is known of, with the line that says so."""
    query = (
        select(PostingStep, OutboxRow)
        .join(OutboxRow, col(OutboxRow.id) == PostingStep.outbox_id)
        .where(PostingStep.state == PostingState.SENT, col(PostingStep.id).in_(newest_steps()))
    )
    return list(session.exec(query.order_by(col(PostingStep.id))).all())


def postings_by_key(session: Session, party: str, keys: Collection[str]) -> dict[str, OutboxRow]:
    """The postings that a party was told under some keys; a key of another's is nobody's here."""
    query = select(OutboxRow).where(OutboxRow.addressee == party, col(OutboxRow.entry_id).is_not(None))
    return {row.key: row for row in session.exec(query.where(col(OutboxRow.key).in_(list(keys))))}

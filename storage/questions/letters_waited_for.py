"""Letters that a person must post: each stays on the attention list until it is posted or sent another way."""

from datetime import datetime

from sqlmodel import Session, col, select

from storage.attention import ask_for_attention
from storage.outbox import BY_HAND, PRINTED, OutboxRow, OutboxStanding, letter_subject


def have_it_posted(session: Session, row: OutboxRow, *, now: datetime) -> bool:
    """Put a letter on the list, under the code of what a person must say about it; False when it is there already."""
    code = PRINTED if row.last_error == PRINTED else BY_HAND
    about = {"detail": row.telling, "referral_id": row.referral_id}
    return ask_for_attention(session, letter_subject(row), code, now=now, **about)  # type: ignore[arg-type]


def ask_again_about_letters(session: Session, *, now: datetime) -> int:
    """Put each letter that a person must post on the list, unless it is there already; returns how many were put."""
    lying = select(OutboxRow).where(OutboxRow.standing == OutboxStanding.BY_HAND).order_by(col(OutboxRow.id))
    return sum(have_it_posted(session, row, now=now) for row in session.exec(lying).all())

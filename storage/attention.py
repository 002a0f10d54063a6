"""The attention list: what needs a person, and why, until a person has dealt with it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Index, bindparam, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.subject import About, Subject
from storage.columns import UtcDateTime
from storage.dialect import only_where

_OPEN = text("closed_at IS NULL")


class AttentionItem(SQLModel, table=True):
    """Something a person must look at. `subject` is the text of a `Subject`; `detail` holds codes, never data."""

    __tablename__ = "attention_item"
    __table_args__ = (Index("one_open_item", "subject", "code", unique=True, **only_where(_OPEN)),)

    id: int | None = Field(default=None, primary_key=True)
    subject: str
    code: str
    detail: str = ""
    referral_id: int | None = Field(default=None, foreign_key="referral.id", index=True)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = None

    @property
    def about(self) -> Subject:
        """What it is about."""
        return Subject.read(self.subject)


# Of two transactions that ask at the same instant, the index lets only the first write its row.
_ASK = text(
    "INSERT INTO attention_item (subject, code, detail, referral_id, opened_at)"
    " VALUES (:subject, :code, :detail, :referral_id, :now) ON CONFLICT DO NOTHING"
).bindparams(bindparam("now", type_=UtcDateTime()))


def ask_for_attention(
    session: Session, subject: Subject, code: str, *, now: datetime, detail: str = "", referral_id: int | None = None
) -> bool:
    """Put an item on the list; False when it is there already."""
    item = {"subject": str(subject), "code": code, "detail": detail, "referral_id": referral_id, "now": now}
    # The rows that it names may so far stand only in the session.
    session.flush()
    return session.connection().execute(_ASK, item).rowcount == 1


def open_items(session: Session) -> list[AttentionItem]:
    """What waits for a person, oldest first."""
    return list(session.exec(select(AttentionItem).where(_OPEN).order_by(col(AttentionItem.id))))


_CLOSE = (
    update(AttentionItem)
    .where(col(AttentionItem.subject) == bindparam("about"), _OPEN)
    .values(closed_at=bindparam("now", type_=UtcDateTime()), closed_by=bindparam("by"))
)


def close_subject(
    session: Session, subject: Subject, *, now: datetime, by: str, codes: Collection[str] | None = None
) -> None:
    """Take everything about a subject, or only some codes, off the list: what was wrong has passed."""
    close = _CLOSE if codes is None else _CLOSE.where(col(AttentionItem.code).in_(codes))
    session.connection().execute(close, {"about": str(subject), "now": now, "by": by})


def close_item(session: Session, subject: Subject, code: str, *, now: datetime, by: str) -> None:
    """Take one item about a subject off the list."""
    about = select(AttentionItem).where(AttentionItem.subject == str(subject), AttentionItem.code == code, _OPEN)
    for item in session.exec(about):
        item.closed_at, item.closed_by = now, by
        session.add(item)


def close_items(session: Session, referral_id: int, *, now: datetime, by: str) -> None:
    """Take everything about a referral off the list, except what a party refused to be told: it may know too much."""
    about = select(AttentionItem).where(AttentionItem.referral_id == referral_id, _OPEN)
    for item in session.exec(about.where(col(AttentionItem.subject).not_like(str(About.OUTBOX.of("%"))))):
        item.closed_at, item.closed_by = now, by
        session.add(item)

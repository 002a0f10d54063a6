"""How far a mailbox has been read, so that messages that cannot be marked as read are not read again."""

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel


class MailboxMark(SQLModel, table=True):
    """The last message that was read, by its number in a folder.

    `mailbox` is a folder under one numbering of its messages. `there_before` is the newest message when we first looked
    into the folder: up to it we read only messages that nobody had read.
    """

    __tablename__ = "mailbox_mark"

    mailbox: str = Field(primary_key=True)
    there_before: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)


def mark_of(session: Session, mailbox: str) -> MailboxMark | None:
    """How far a mailbox has been read; None when it never was."""
    return session.get(MailboxMark, mailbox)


def remember_mark(session: Session, mark: MailboxMark) -> None:
    """Record how far a mailbox has been read; never less far than another run did."""
    known = session.get(MailboxMark, mark.mailbox)
    if known is None:
        session.add(MailboxMark(mailbox=mark.mailbox, there_before=mark.there_before, last=mark.last))
    elif known.last < mark.last:
        known.last = mark.last
        session.add(known)

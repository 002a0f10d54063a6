"""How far a mailbox has been looked through, so that what cannot be marked as read there is not read again."""

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel


class MailboxMark(SQLModel, table=True):
    """The last message that was looked at, by its number in a folder.

    `mailbox` is a folder under one numbering of its messages. `there_before` is the newest message when the folder
    was looked into for the first time: up to it, only what nobody had read is ours to read.
    """

    __tablename__ = "mailbox_mark"

    mailbox: str = Field(primary_key=True)
    there_before: int = Field(sa_type=BigInteger)
    last: int = Field(sa_type=BigInteger)


def mark_of(session: Session, mailbox: str) -> MailboxMark | None:
    """How far a mailbox has been looked through; None when it never was."""
    return session.get(MailboxMark, mailbox)


def remember_mark(session: Session, mark: MailboxMark) -> None:
    """Note how far a mailbox has been looked through; never less far than another run did."""
    known = session.get(MailboxMark, mark.mailbox)
    if known is None:
        session.add(MailboxMark(mailbox=mark.mailbox, there_before=mark.there_before, last=mark.last))
    elif known.last < mark.last:
        known.last = mark.last
        session.add(known)

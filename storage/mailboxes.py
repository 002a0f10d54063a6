"""How far a mailbox has been looked through, so that what cannot be marked as read there is not read again."""

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel


class MailboxMark(SQLModel, table=True):
    """The last message that was looked at, by its number in a folder.

    `mailbox` is a folder under one numbering of its messages. `first` is the newest message when the folder was first
    looked into: of what came before it, only what nobody had read is ours to read.
    """

    __tablename__ = "mailbox_mark"

    mailbox: str = Field(primary_key=True)
    first: int = Field(sa_type=BigInteger)
    looked_at: int = Field(sa_type=BigInteger)


def mark_of(session: Session, mailbox: str) -> MailboxMark | None:
    """How far a mailbox has been looked through; None when it never was."""
    return session.get(MailboxMark, mailbox)


def remember_mark(session: Session, mark: MailboxMark) -> None:
    """Note how far a mailbox has been looked through; never less far than another run did."""
    known = session.get(MailboxMark, mark.mailbox)
    if known is None:
        session.add(MailboxMark(mailbox=mark.mailbox, first=mark.first, looked_at=mark.looked_at))
    elif known.looked_at < mark.looked_at:
        known.looked_at = mark.looked_at
        session.add(known)

"""The mail server that letters go out by, and the mailbox that they come back to."""

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from email.message import Message
from typing import Protocol


class MailSession(Protocol):
    """An open connection to a mail server."""

    async def send(self, message: Message) -> None:
        """Hand over one letter. `PartnerRefused` when its address is refused."""
        ...


class Mailer(Protocol):
    """The mail server."""

    def session(self) -> AbstractAsyncContextManager[MailSession]:
        """Connect, and be ready to send several letters."""
        ...


class OpenMailbox(Protocol):
    """An open folder of a mailbox. Each message has a number; a later message has a higher one."""

    @property
    def name(self) -> str:
        """The name of the current numbering; it changes when the server numbers the messages anew."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether nothing can be marked as read."""
        ...

    def numbers(self, *, above: int, up_to: int | None = None, unread: bool = False) -> list[str]:
        """The numbers of the messages after `above`, oldest first; with `unread`, only of those nobody has read."""
        ...

    def newest(self) -> int:
        """The number of the last message; 0 when there is none."""
        ...

    def message(self, number: str) -> Message | None:
        """One message, but only the headers of a large one; None when it is gone, `Invalid` when it is unreadable."""
        ...

    def mark_read(self, number: str) -> bool:
        """Mark a message as read and leave it where it is; False when it cannot be marked."""
        ...


class Mailbox(Protocol):
    """The mailbox behind the address that letters are sent from."""

    def opened(self) -> AbstractContextManager[OpenMailbox]:
        """Log in."""
        ...

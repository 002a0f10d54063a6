"""The mailbox behind the address that letters are sent from, over IMAP. Nothing of what is read there is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from imaplib import IMAP4

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError, MailboxLoginError

from domain.errors import PartnerRefused, PartnerUnavailable

# What tells that a letter came back is small; a picture of a beach is not.
LARGEST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """One folder of a mailbox. `tls` is asked for everywhere but on loopback."""

    host: str
    port: int
    username: str
    password: str
    folder: str
    tls: bool
    timeout_s: float

    @contextmanager
    def opened(self) -> Iterator["OpenMailbox"]:
        """Log in. `PartnerUnavailable` when the server is silent, `PartnerRefused` when it does not let us in."""
        try:
            box = (MailBox if self.tls else MailBoxUnencrypted)(self.host, self.port, timeout=self.timeout_s)
            try:
                box.login(self.username, self.password, initial_folder=self.folder)
            except MailboxLoginError:
                box.client.shutdown()  # the library leaves the connection open
                raise PartnerRefused("imap: login") from None
            with box:
                yield OpenMailbox(box)
        except (ImapToolsError, IMAP4.error, OSError) as error:
            raise PartnerUnavailable(f"imap: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """A mailbox that we are logged in to."""

    box: BaseMailBox

    def unread(self, most: int) -> list[str]:
        """The numbers of the oldest messages that nobody has read."""
        return self.box.uids(AND(seen=False, size_lt=LARGEST_BYTES))[:most]

    def message(self, number: str) -> Message | None:
        """One message; None when it cannot be read, or is there no more."""
        try:
            found = next(iter(self.box.fetch(AND(uid=number), mark_seen=False)), None)
        except (ImapToolsError, IMAP4.error, OSError):
            raise
        except Exception:  # a stranger's message may break the parser in any way: nested a thousandfold
            return None
        return found.obj if found else None

    def mark_read(self, number: str) -> None:
        """Let it be; a person can still find it in the folder."""
        self.box.flag(number, MailMessageFlags.SEEN, True)

"""The mailbox of the address that letters are sent from, over IMAP. Nothing read there is kept."""

import asyncio
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from functools import lru_cache
from imaplib import IMAP4, IMAP4_SSL
from socket import SHUT_RDWR, socket
from threading import Timer

from imap_tools import AND, BaseMailBox, MailMessage, MailMessageFlags, UidRange
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError

from connectors.mail.access import ClientCredentials
from domain.errors import Invalid, PartnerRefused, PartnerUnavailable
from domain.silence import why_silent

# A report of a returned letter is small; of a larger message, such as one with a picture, the headers are enough.
LARGEST_BYTES = 1_000_000
TROUBLE = (ImapToolsError, IMAP4.error, OSError)


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """One folder of a mailbox. `tls` is required everywhere but on loopback; `tokens` replace the password.

    Each exchange may take `timeout_s`, and all together `within_s`: a server that sends a byte now and then would never
    meet the first limit.
    """

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    folder: str
    tls: bool
    timeout_s: float
    tokens: ClientCredentials | None = None
    within_s: float = 200.0

    @contextmanager
    def opened(self) -> Iterator["OpenMailbox"]:
        """Log in. `PartnerUnavailable` when the server is silent, `PartnerRefused` when it does not let us in."""
        token = asyncio.run(self.tokens.token()) if self.tokens else None
        try:
            box = _Box(self)
            try:
                self._log_in(box, token)
                read_only = self._select(box)
                yield OpenMailbox(box, read_only, self._name(box))
            finally:
                with suppress(*TROUBLE):
                    box.logout()
                with suppress(*TROUBLE):
                    box.client.shutdown()  # the connection may stay open when a logout fails
        except TROUBLE as error:
            raise PartnerUnavailable(f"imap: {why_silent(error)}") from None

    def _log_in(self, box: BaseMailBox, token: str | None) -> None:
        try:
            if token is None:
                box.login(self.username, self.password, initial_folder=None)
            else:
                box.client.authenticate("XOAUTH2", _Answers(self.username, token))
        except IMAP4.abort:
            raise  # the connection broke
        except (IMAP4.error, ImapToolsError):
            if self.tokens:
                self.tokens.forget()
            raise PartnerRefused("imap: login") from None

    def _select(self, box: BaseMailBox) -> bool:
        """Select the folder; returns whether it is read-only."""
        try:
            try:
                box.folder.set(self.folder)
            except IMAP4.readonly:
                box.folder.set(self.folder, readonly=True)
                return True
        except MailboxFolderSelectError:
            raise PartnerRefused("imap: folder") from None
        return False

    def _name(self, box: BaseMailBox) -> str:
        """The name of the folder's numbering; it changes once the messages are numbered anew (RFC 3501, 2.3.1.1)."""
        _, numbered = box.client.response("UIDVALIDITY")
        whole = f"{self.host}|{self.username}|{self.folder}|{numbered}"
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """An open folder. `name` changes once its messages are numbered anew."""

    box: BaseMailBox
    read_only: bool
    name: str

    def numbers(self, *, above: int, up_to: int | None = None, unread: bool = False) -> list[str]:
        """The numbers of the messages after `above`, oldest first; with `unread`, only of those nobody has read."""
        which = UidRange(str(above + 1), "*" if up_to is None else str(up_to))
        found = self.box.uids(AND(uid=which, seen=False) if unread else AND(uid=which))
        # Where no message came after, a server answers with its last one (RFC 3501, 6.4.8).
        return sorted((one for one in found if int(one) > above), key=int)

    def newest(self) -> int:
        """The number of the last message; 0 when there is none."""
        return max((int(one) for one in self.box.uids(AND(uid=UidRange("*")))), default=0)

    def message(self, number: str) -> Message | None:
        """One message, but only the headers of a large one; None when it is gone, `Invalid` when it is unreadable."""
        head = self._fetched(number, headers_only=True)
        if head is None or head.size_rfc822 >= LARGEST_BYTES:
            return head.obj if head else None
        whole = self._fetched(number, headers_only=False)
        return whole.obj if whole else None

    def _fetched(self, number: str, *, headers_only: bool) -> MailMessage | None:
        try:
            return next(iter(self.box.fetch(uid_list=[number], mark_seen=False, headers_only=headers_only)), None)
        except TROUBLE:
            raise
        except Exception:  # any message may break the parser in any way: nested a thousandfold
            raise Invalid("message", "unreadable") from None

    def mark_read(self, number: str) -> bool:
        """Mark a message as read; people still find it in the folder. False when the server does not allow it."""
        # Not with the library's own call, which would expunge what people have marked as deleted.
        done, _ = self.box.client.uid("STORE", number, "+FLAGS.SILENT", f"({MailMessageFlags.SEEN})")
        return bool(done == "OK")


class _Box(BaseMailBox):
    """A connection that ends by itself."""

    def __init__(self, mailbox: ImapMailbox) -> None:
        self._at = mailbox
        super().__init__()

    def _get_mailbox_client(self) -> IMAP4:
        return _EndsSafely(self._at) if self._at.tls else _Ends(self._at)


class _Deadline:
    """The moment when a connection is ended, counted from before its server has said anything."""

    def __init__(self, within_s: float) -> None:
        self._connection: socket | None = None
        self._timer = Timer(within_s, self._hang_up)
        self._timer.daemon = True

    def begin(self, connection: socket) -> None:
        self._connection = connection
        self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()

    def _hang_up(self) -> None:
        # The plain socket's shutdown: the encrypted one's would make it read unencrypted.
        with suppress(OSError):
            if self._connection is not None:
                socket.shutdown(self._connection, SHUT_RDWR)


class _Ends(IMAP4):
    """A connection that ends by itself."""

    def __init__(self, mailbox: ImapMailbox) -> None:
        self._deadline = _Deadline(mailbox.within_s)
        super().__init__(mailbox.host, mailbox.port, timeout=mailbox.timeout_s)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect, and begin to count."""
        super().open(host, port, timeout)
        self._deadline.begin(self.sock)

    def shutdown(self) -> None:
        """Close the connection."""
        self._deadline.cancel()
        super().shutdown()


class _EndsSafely(IMAP4_SSL):
    """The same, encrypted, with the server's certificate checked, which the library does not do."""

    def __init__(self, mailbox: ImapMailbox) -> None:
        self._deadline = _Deadline(mailbox.within_s)
        super().__init__(mailbox.host, mailbox.port, ssl_context=_trusted(), timeout=mailbox.timeout_s)

    def open(self, host: str = "", port: int | None = 993, timeout: float | None = None) -> None:
        """Connect, and begin to count."""
        super().open(host, port, timeout)
        self._deadline.begin(self.sock)

    def shutdown(self) -> None:
        """Close the connection."""
        self._deadline.cancel()
        super().shutdown()


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The certificate authorities that this machine trusts, as for letters that are sent."""
    return ssl.create_default_context()


class _Answers:
    """Our side of XOAUTH2: first who we are, then an empty answer, after which a server that refuses us says so."""

    def __init__(self, username: str, token: str) -> None:
        self._left = [f"user={username}\1auth=Bearer {token}\1\1".encode()]

    def __call__(self, _challenge: bytes) -> bytes:
        return self._left.pop() if self._left else b""

"""A small IMAP server that can misbehave as servers in use do; for correct behaviour tests use pymap."""

import base64
import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

UID_SET = re.compile(r"UID (\d+):(\d+|\*)")


@dataclass
class Mailbox:
    """One folder. `keeps_seen` and `read_only` say how it treats marks, `basic` whether it accepts a password.

    `tokens` are the access tokens that it accepts, and `asked` is every command that it got. With `drips` it sends a
    sign now and then; messages that are `gone` are still listed.
    """

    messages: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    keeps_seen: bool = True
    stores: bool = True
    read_only: bool = False
    basic: bool = True
    folder: str = "INBOX"
    tokens: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    drips: bool = False
    gone: set[int] = field(default_factory=set)
    numbered: int = 7

    def put(self, *messages: str) -> None:
        """Add unread messages."""
        for text in messages:
            self.messages[max(self.messages, default=0) + 1] = text.replace("\n", "\r\n").encode()

    def times(self, command: str) -> int:
        """How often a command was sent."""
        return sum(command in asked for asked in self.asked)


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        if self.server.box.drips:
            while not self.server.closing.wait(0.05):
                self.say("*", raw=True)
            return
        self.say("* OK ready")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            self.server.box.asked.append(command)
            self.say(f"{tag} {self.answered(command)}")
            if command == "LOGOUT":
                return

    def say(self, text: str, *, raw: bool = False) -> None:
        self.wfile.write(text.encode() + (b"" if raw else b"\r\n"))

    def answered(self, command: str) -> str:
        box, word = self.server.box, command.upper()
        if word.startswith("LOGIN"):
            return "OK in" if box.basic else "NO Basic authentication is disabled."
        if word.startswith("AUTHENTICATE"):
            return self.authenticated()
        if word.startswith(("SELECT", "EXAMINE")):
            return self.selected(word.startswith("EXAMINE"), command.partition(" ")[2].strip('"'))
        if word.startswith("UID SEARCH"):
            self.say(f"* SEARCH {' '.join(map(str, self.found(word)))}".rstrip())
        elif word.startswith("UID FETCH"):
            self.fetched(int(word.split()[2]), heads="HEADER" in word)
        elif word.startswith("UID STORE"):
            if box.read_only or not box.stores:
                return "NO may not"
            if box.keeps_seen:
                box.seen.add(int(word.split()[2]))
        elif word in ("CAPABILITY", "LOGOUT"):
            self.say({"CAPABILITY": "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2", "LOGOUT": "* BYE"}[word])
        return "OK done"

    def authenticated(self) -> str:
        self.say("+ ")
        said = base64.b64decode(self.rfile.readline()).decode()
        if any(said == f"user=tilflyt@demo.invalid\1auth=Bearer {token}\1\1" for token in self.server.box.tokens):
            return "OK in"
        self.say("+ " + base64.b64encode(b'{"status":"401"}').decode())
        assert self.rfile.readline() == b"\r\n"
        return "NO AUTHENTICATE failed."

    def selected(self, examined: bool, folder: str) -> str:
        box = self.server.box
        if folder != box.folder:
            return "NO no such folder"
        self.say(f"* {len(box.messages)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {box.numbered}] numbered")
        return "OK [READ-ONLY]" if examined or box.read_only else "OK [READ-WRITE]"

    def found(self, asked: str) -> list[int]:
        box = self.server.box
        numbers = sorted(box.messages)
        if within := UID_SET.search(asked):
            low, high = int(within[1]), within[2]
            # `n:*` always includes the last message, also when n is higher (RFC 3501, 6.4.8).
            last = [numbers[-1]] if numbers and high == "*" else []
            numbers = sorted({one for one in numbers if low <= one <= (2**32 if high == "*" else int(high))} | {*last})
        elif "UID *" in asked:
            numbers = numbers[-1:]
        return [one for one in numbers if "UNSEEN" not in asked or one not in box.seen]

    def fetched(self, number: int, *, heads: bool) -> None:
        whole = self.server.box.messages.get(number)
        if whole is None or number in self.server.box.gone:
            return
        body = whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if heads else whole
        part = "BODY[HEADER]" if heads else "BODY[]"
        self.say(f"* 1 FETCH (UID {number} FLAGS () RFC822.SIZE {len(whole)} {part} {{{len(body)}}}")
        self.wfile.write(body)
        self.say(")")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, box: Mailbox) -> None:
        self.box, self.closing = box, threading.Event()
        super().__init__(("127.0.0.1", 0), _Talk)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors, because clients may close the connection."""


@contextmanager
def imap_server(box: Mailbox) -> Iterator[int]:
    """Run the server; yields its port."""
    with _Server(box) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()

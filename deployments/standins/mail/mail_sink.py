"""A mail server that delivers nothing, and keeps every letter for people and tests to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from typing import Annotated

from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from deployments.standins.journal import Journal
from deployments.standins.mail.inbox_pages import SHOWN_SAFELY, letter_page, list_page
from deployments.standins.systems.gate import Outages
from deployments.standins.world import Sent

SMTP_PATH = "/smtp"
router = APIRouter(prefix="/inbox")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it was received; `to` is the envelope's recipient, `n` counts from 1."""

    n: int
    received_at: str
    to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class MailSink:
    """The letters in the order they came, and the addresses that are refused (in lower case)."""

    journal: Journal
    outages: Outages
    letters: list[Letter] = field(default_factory=list)
    refused_addresses: set[str] = field(default_factory=set)
    refusals: int = 0

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept a recipient, or refuse one on the list or during an outage."""
        if self.outages.at(SMTP_PATH):
            return "451 4.3.0 out of order"
        if address.lower() in self.refused_addresses:
            self.refusals += 1
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Write the letter to the journal, then keep it."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        letter = read_letter(len(self.letters) + 1, envelope.rcpt_tos, raw)
        self.journal.write(
            "mail",
            envelope_to=list(envelope.rcpt_tos),
            message=raw.decode("utf-8", "replace"),
            decoded={"subject": letter.subject, "text": letter.text, "html": letter.html},
        )
        self.letters.append(letter)
        return "250 OK"

    def state(self) -> Sent:
        """How many letters came and how many addresses were refused."""
        return {"received": len(self.letters), "refused": self.refusals}


def read_letter(n: int, recipients: list[str], raw: bytes) -> Letter:
    """A letter with its parts decoded."""
    message = message_from_bytes(raw, policy=policy.default)
    return Letter(
        n=n,
        received_at=datetime.now(UTC).isoformat(),
        to=", ".join(recipients),
        subject=str(message.get("Subject", "")),
        text=part(message, "plain"),
        html=part(message, "html"),
        headers={name: str(value) for name, value in message.items()},
    )


def part(message: EmailMessage, kind: str) -> str:
    """The text or the HTML of a letter; empty when it has none."""
    found = message.get_body(preferencelist=(kind,))
    return str(found.get_content()) if found else ""


def asked(request: Request) -> MailSink:
    """The mail server behind the inbox."""
    sink: MailSink = request.app.state.mail
    return sink


Asked = Annotated[MailSink, Depends(asked)]


@router.get("")
async def inbox(sink: Asked) -> HTMLResponse:
    """The page with the letters, newest first."""
    return HTMLResponse(list_page([(letter.n, letter.to, letter.subject) for letter in reversed(sink.letters)]))


@router.get("/messages")
async def messages(sink: Asked, after: int = 0) -> list[Letter]:
    """The letters after the n-th, in the order in which they came."""
    return sink.letters[max(after, 0) :]


@router.get("/messages/{n}")
async def message(sink: Asked, n: int) -> HTMLResponse:
    """The page of one letter."""
    if not 1 <= n <= len(sink.letters):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    letter = sink.letters[n - 1]
    page = letter_page(to=letter.to, subject=letter.subject, text=letter.text, html=letter.html)
    return HTMLResponse(page, headers=SHOWN_SAFELY)

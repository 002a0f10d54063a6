"""Mail servers that take no passwords: an access token by client credentials, over real HTTP, IMAP and SMTP."""

import base64
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from connectors.mail.access import ClientCredentials
from connectors.mail.imap import ImapMailbox
from connectors.mail.smtp import SmtpMailer
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.silence import UNTRUSTED
from tests.connectors.mail.letter import letter
from tests.world.servers.certificates import Authority
from tests.world.servers.imap_server import Mailbox, imap_server
from tests.world.servers.token_endpoint import SECRET, Endpoint, token_endpoint

WHO = "tilflyt@demo.invalid"
SCOPE = "https://outlook.office365.com/.default"


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def tokens(endpoint: Endpoint) -> Iterator[ClientCredentials]:
    with token_endpoint(endpoint) as url:
        yield ClientCredentials(url, "platformen", SECRET, SCOPE, timeout_s=5)


def test_a_mailbox_is_opened_by_a_token_that_is_kept_until_shortly_before_it_ends(tokens, endpoint: Endpoint):
    box = Mailbox(basic=False, tokens={"token-1", "token-2"})
    with imap_server(box) as port:
        mailbox = ImapMailbox("127.0.0.1", port, WHO, "", "INBOX", tls=False, timeout_s=5, tokens=tokens)
        for _ in range(2):
            with mailbox.opened() as opened:
                assert opened.numbers(above=0) == []
        assert endpoint.given == ["token-1"]


async def test_a_token_in_the_last_minute_of_its_time_is_not_used(tokens: ClientCredentials, endpoint: Endpoint):
    endpoint.lasts_s = "60"
    assert [await tokens.token(), await tokens.token()] == ["token-1", "token-2"]
    endpoint.lasts_s = "90"
    assert [await tokens.token(), await tokens.token()] == ["token-3", "token-3"]
    endpoint.lasts_s = None  # five minutes then
    tokens.forget()
    assert [await tokens.token(), await tokens.token()] == ["token-4", "token-4"]


def test_a_token_that_the_mailbox_will_not_have_is_asked_for_anew(tokens, endpoint: Endpoint):
    box = Mailbox(basic=False, tokens={"token-2"})
    with imap_server(box) as port:
        mailbox = ImapMailbox("127.0.0.1", port, WHO, "", "INBOX", tls=False, timeout_s=5, tokens=tokens)
        with pytest.raises(PartnerRefused, match=r"^imap: login$"), mailbox.opened():
            pass
        with mailbox.opened():
            pass
    assert endpoint.given == ["token-1", "token-2"]


@pytest.fixture
def smtp_of() -> Iterator["Server"]:
    server = Server()
    server.start()
    yield server
    server.stop()


class Server(Controller):
    """A mail server that accepts only access tokens, and keeps the letters."""

    def __init__(self) -> None:
        self.tokens = {"token-1"}
        self.sent: list[bytes] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        super().__init__(
            self,
            hostname="127.0.0.1",
            port=port,
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
        )

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - as aiosmtpd calls it
        said = base64.b64decode(args[1]).decode()
        if any(said == f"user={WHO}\1auth=Bearer {token}\1\1" for token in self.tokens):
            return AuthResult(success=True)
        await server.challenge_auth("eyJzdGF0dXMiOiI0MDEifQ==", encode_to_b64=False)
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        if not session.authenticated:
            return "530 5.7.0 who are you"
        self.sent.append(bytes(envelope.content or b""))
        return "250 OK"


async def send(mailer: SmtpMailer) -> None:
    async with mailer.session() as session:
        await session.send(letter())


async def test_letters_go_out_by_a_token(tokens, endpoint: Endpoint, smtp_of: Server):
    mailer = SmtpMailer("127.0.0.1", smtp_of.port, WHO, "ignored", starttls=False, timeout_s=5, tokens=tokens)
    await send(mailer)
    await send(mailer)
    assert len(smtp_of.sent) == 2
    assert endpoint.given == ["token-1"]

    # A revoked token is no fault of the letter, and the next try gets a new one.
    smtp_of.tokens = {"token-2"}
    with pytest.raises(PartnerUnavailable, match="smtp: SMTPAuthenticationError 535"):
        await send(mailer)
    await send(mailer)
    assert len(smtp_of.sent) == 3


@pytest.mark.parametrize(
    ("answers", "kind", "why"),
    [
        (Endpoint(status=401, body=b'{"error": "invalid_client"}'), PartnerRefused, "oauth: 401 invalid_client"),
        (Endpoint(status=400, body=b'{"error": "<b>hemmeligt"}'), PartnerRefused, "oauth: 400"),
        (Endpoint(status=302, body=b""), PartnerRefused, "oauth: 302"),
        (Endpoint(status=429, body=b""), PartnerUnavailable, "oauth: 429"),
        (Endpoint(status=503, body=b""), PartnerUnavailable, "oauth: 503"),
        (Endpoint(body=b"<html>"), PartnerUnavailable, "oauth: no token in the answer"),
        (Endpoint(body=b'{"access_token": "a b\\r\\n"}'), PartnerUnavailable, "oauth: no token in the answer"),
        (Endpoint(body=b"[" * 60_000), PartnerUnavailable, "oauth: no token in the answer"),
        (Endpoint(body=b" " * 70_000), PartnerUnavailable, "oauth: answer too large"),
        (Endpoint(hangs=True), PartnerUnavailable, "oauth: it timed out"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_an_endpoint_that_gives_no_token_is_told_by_a_code_alone(answers: Endpoint, kind, why: str):
    with token_endpoint(answers) as url:
        within_s = 0.5 if answers.hangs else 5
        tokens = ClientCredentials(url, "platformen", SECRET, SCOPE, timeout_s=within_s)
        with pytest.raises(kind, match=f"^{why}$") as caught:
            await tokens.token()
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(tokens)


async def test_a_token_that_is_refused_us_refuses_no_letter(smtp_of: Server):
    with token_endpoint(Endpoint(status=401, body=b'{"error": "invalid_client"}')) as url:
        tokens = ClientCredentials(url, "platformen", "wrong", "x", timeout_s=5)
        mailer = SmtpMailer("127.0.0.1", smtp_of.port, WHO, starttls=False, timeout_s=5, tokens=tokens)
        with pytest.raises(PartnerUnavailable, match=r"^smtp: oauth: 401 invalid_client$"):
            await send(mailer)


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[int]:
    """A server with a certificate of no trusted authority; its port."""
    context = Authority(tmp_path).server()

    def talk(listener: socket.socket) -> None:
        with listener.accept()[0] as line, suppress(OSError):  # the client closes the connection
            context.wrap_socket(line, server_side=True).sendall(b"* OK ready\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk, args=[listener])
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_a_mailbox_whose_server_nobody_vouches_for_is_sent_no_password(stranger: int):
    mailbox = ImapMailbox("localhost", stranger, WHO, "word", "INBOX", tls=True, timeout_s=5)
    with pytest.raises(PartnerUnavailable, match=f"^imap: {UNTRUSTED}$"), mailbox.opened():
        pass

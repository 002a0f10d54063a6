"""The mail server, over SMTP. No error says whom a letter was for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message

import aiosmtplib

from connectors.mail.access import ClientCredentials
from domain.errors import PartnerRefused, PartnerUnavailable
from domain.silence import why_silent

PERMANENT = 500
# aiosmtplib has one class for all of these errors: they are told apart by how their texts begin.
NOT_OFFERED = {
    "SMTP STARTTLS extension not supported": "the server offers no STARTTLS, and nothing is sent in the clear",
    "The SMTP AUTH extension is not supported": "the server takes no login",
}


class SmtpSession:
    """An open connection; it can be used again after a letter was refused."""

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        self._smtp = smtp

    async def send(self, message: Message) -> None:
        """Hand over one letter. `PartnerRefused` with the server's code when it will never take the letter."""
        # The reason is raised after the handler: aiosmtplib's errors carry the addresses.
        reason: PartnerRefused | PartnerUnavailable | None = None
        try:
            refused, _ = await self._smtp.send_message(message)
            codes = [answer.code for answer in refused.values()]
            reason = judged(max(codes)) if codes else None
        except aiosmtplib.SMTPRecipientsRefused as error:
            reason = judged(max(recipient.code for recipient in error.recipients))
        except aiosmtplib.SMTPResponseException as error:
            reason = judged(error.code)
        except (aiosmtplib.SMTPNotSupported, ValueError):
            reason = PartnerRefused("smtp: not an address this server can write to")
        except (aiosmtplib.SMTPException, OSError) as error:
            reason = PartnerUnavailable(f"smtp: {why_silent(error)}")
        if reason:
            raise reason


def judged(code: int) -> PartnerRefused | PartnerUnavailable:
    """What a server's refusal means: 5xx is final, 4xx is for now."""
    return PartnerRefused(str(code)) if code >= PERMANENT else PartnerUnavailable(f"smtp: {code}")


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """A mail server, and how long each exchange with it may take. With `starttls` nothing is sent unencrypted.

    `tokens` replace the password.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    timeout_s: float = 10.0
    tokens: ClientCredentials | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[SmtpSession]:
        """Connect, log in and be ready to send several letters."""
        smtp = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=None if self.tokens else self.password,
            oauth_token_generator=self.tokens.token if self.tokens else None,
            start_tls=self.starttls,
            use_tls=False,
            timeout=self.timeout_s,
        )
        try:
            await connect(smtp, self.tokens)
            yield SmtpSession(smtp)
            # The letters are handed over: an error at the end of the session undoes none of them.
            with suppress(aiosmtplib.SMTPException, OSError):
                await smtp.quit()
        finally:
            smtp.close()


async def connect(smtp: aiosmtplib.SMTP, tokens: ClientCredentials | None = None) -> None:
    """Connect and log in; a failure here concerns the server and no single letter."""
    try:
        await smtp.connect()
        if smtp.is_ehlo_or_helo_needed:
            await smtp.ehlo()
    except (aiosmtplib.SMTPException, OSError) as error:
        if tokens and isinstance(error, aiosmtplib.SMTPAuthenticationError):
            tokens.forget()
        trouble = f"smtp: {_seen(error)}"
    except PartnerRefused as error:
        trouble = f"smtp: {error}"  # no token
    else:
        return
    raise PartnerUnavailable(trouble)


def _seen(error: Exception) -> str:
    if code := getattr(error, "code", None):
        return f"{type(error).__name__} {code}"
    said = str(error)
    return next((words for begins, words in NOT_OFFERED.items() if said.startswith(begins)), why_silent(error))

"""Tries every configured connection: mail server, mailbox, each login provider, each partner's systems.

Nothing is changed anywhere: no letter is sent, no message marked, and only the status of a partner's answer is read.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError

from approval_api.login.provider import secret_of
from approval_api.login.providers import Providers
from connectors.mail.imap import ImapMailbox
from domain.errors import TilflytError
from domain.parties.party import Connection, Login, Partner
from domain.silence import why_silent
from storage.installation import opened_database
from storage.parties.partners import partners
from storage.settings import Settings
from tasks.mail_accounts import mailbox_of, mailer_of
from tasks.platform import connector_of

# A check may take as long as this many calls may, so that a connection that hangs does not delay the result.
CALLS_A_CHECK = 3
MOST_AT_ONCE = 16
# The paths that can be read without consequences; other systems are tried at an address where they do nothing.
READ_FROM = {"case_system": "/flags", "vacancy_feed": ""}
NO = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})

Check = Callable[[], Awaitable[str]]
# The name of what was tried, whether it works, and what was seen.
Tried = tuple[str, bool, str]


def connections(settings: Settings) -> list[Tried]:
    """Each connection with its result; all are tried at once, and one that fails stops no other."""
    return asyncio.run(_all_tried(settings, _checks(settings)))


def _checks(settings: Settings) -> dict[str, Check]:
    mailbox = mailbox_of(settings)
    checks: dict[str, Check] = {"smtp": partial(_smtp, settings)}
    if mailbox is not None:
        # A thread cannot be stopped from outside: the connection's own time limit ends it.
        within_s = CALLS_A_CHECK * settings.partner_timeout_s
        checks["imap"] = partial(asyncio.to_thread, _imap, replace(mailbox, within_s=within_s))
    for partner in _known(settings):
        if partner.login is not None:
            checks[f"{partner.party} login"] = partial(_login, partner.login, demo=settings.world == "demo")
        for system, connection in sorted(partner.systems.items()):
            checks[f"{partner.party} {system}"] = partial(_partner, system, connection, settings.partner_timeout_s)
    return checks


def _known(settings: Settings) -> list[Partner]:
    """The parties; none when the database cannot be read, which another check reports."""
    try:
        with closing(opened_database(settings)) as database, database.reading() as session:
            return partners(session)
    except (SQLAlchemyError, TilflytError):
        return []


async def _all_tried(settings: Settings, checks: dict[str, Check]) -> list[Tried]:
    within_s = CALLS_A_CHECK * settings.partner_timeout_s
    turn = asyncio.Semaphore(MOST_AT_ONCE)

    async def tried(name: str, check: Check) -> Tried:
        async with turn:
            try:
                async with asyncio.timeout(within_s):
                    return name, True, await check()
            except TimeoutError:
                return name, False, f"no answer within {within_s:g} s"
            except (TilflytError, LookupError) as error:
                return name, False, str(error)
            except Exception as error:  # whatever is wrong with one connection, the others are tried
                return name, False, why_silent(error)

    return list(await asyncio.gather(*(tried(name, check) for name, check in checks.items())))


async def _smtp(settings: Settings) -> str:
    async with mailer_of(settings).session():
        pass
    how = ", encrypted" if settings.smtp_starttls else ""
    whom = f", logged in by {settings.smtp_login}" if settings.smtp_username else ""
    return f"{settings.smtp_host}:{settings.smtp_port} answers{how}{whom}"


def _imap(mailbox: ImapMailbox) -> str:
    with mailbox.opened() as opened:
        newest = opened.newest()
        if opened.read_only:
            raise LookupError(f"{mailbox.folder} is read-only: what was read there cannot be marked")
    return f"{mailbox.host}:{mailbox.port} lets us in, {mailbox.folder} {'has messages' if newest else 'is empty'}"


async def _login(login: Login, *, demo: bool) -> str:
    providers = Providers(demo=demo)
    try:
        await providers.known(login)
        secret_of(login)
    finally:
        providers.close()
    return f"{login.issuer} tells its endpoints and keys"


async def _partner(system: str, connection: Connection, timeout_s: float) -> str:
    made = connector_of(system, connection, timeout_s=timeout_s)
    path = READ_FROM.get(system)
    status = await made.http.knock(path or "")
    if status in NO:
        raise LookupError(f"{connection.url} answers {status}: it does not know the token in {connection.secret}")
    if status >= (HTTPStatus.INTERNAL_SERVER_ERROR if path is None else HTTPStatus.MULTIPLE_CHOICES):
        raise LookupError(f"{connection.url} answers {status}")
    return (
        f"{connection.url} answers"
        if path is not None
        else f"{connection.url} answers {status}; nothing was asked of it"
    )

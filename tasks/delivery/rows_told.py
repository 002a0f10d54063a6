"""The rows of a lane, each prepared and told."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message

from sqlmodel import Session

from domain.errors import PartnerRefused, PartnerUnavailable
from domain.ports.finance import PostingAnswer
from domain.ports.mail import MailSession
from storage.columns import id_of
from storage.database import unwritten, write_for_another
from storage.outbox import MAIL_LANE, OutboxRow
from storage.questions.questions import FAMILY
from tasks.delivery.calls import Call
from tasks.delivery.envelopes import envelope
from tasks.delivery.family_letters import ByHand, told_to_family
from tasks.delivery.prepared_calls import prepared_call
from tasks.delivery.read_ahead import read_at_once
from tasks.platform import Platform

Prepared = Call | Message
Tell = Callable[[Prepared], Awaitable[PostingAnswer | None]]


@dataclass(slots=True)
class Told:
    """The outcomes of some rows of a lane, not yet stored; `answers` by the row's number, of those that have one."""

    delivered: list[OutboxRow] = field(default_factory=list)
    answers: dict[int, PostingAnswer] = field(default_factory=dict)
    moot: list[OutboxRow] = field(default_factory=list)
    by_hand: list[OutboxRow] = field(default_factory=list)
    refused: list[tuple[OutboxRow, Exception]] = field(default_factory=list)
    addresses_refused: list[tuple[OutboxRow, PartnerRefused]] = field(default_factory=list)


@asynccontextmanager
async def teller(platform: Platform, lane: str) -> AsyncIterator[Tell]:
    """A function that tells what is prepared: all mail over one connection, each call separately.

    In a lane of letters to families, which may hold both, the connection is opened for the first mail.
    """
    async with AsyncExitStack() as open_:
        mail: MailSession | None = None
        if lane == MAIL_LANE:
            mail = await open_.enter_async_context(platform.mailer.session())

        async def tell(prepared: Prepared) -> PostingAnswer | None:
            nonlocal mail
            if not isinstance(prepared, Message):
                return await prepared()
            if mail is None:
                mail = await open_.enter_async_context(platform.mailer.session())
            await mail.send(prepared)
            return None

        yield tell


async def tell_each(platform: Platform, rows: list[OutboxRow], tell: Tell, told: Told) -> None:
    """Tell row after row while the lease lasts; silence ends the lane's turn, any other failure concerns one row."""
    lasts_until = time.monotonic() + platform.delivery_lease.total_seconds() / 3
    for row, prepared in await asyncio.to_thread(prepared_rows, platform, rows):
        if time.monotonic() > lasts_until:
            return
        if isinstance(prepared, PartnerUnavailable):
            raise prepared
        if prepared is None:
            told.moot.append(row)
        elif isinstance(prepared, ByHand):
            told.by_hand.append(row)
        elif isinstance(prepared, Exception):
            told.refused.append((row, prepared))
        else:
            await _tell_one(row, prepared, tell, told)


async def _tell_one(row: OutboxRow, prepared: Prepared, tell: Tell, told: Told) -> None:
    try:
        answer = await tell(prepared)
    except PartnerUnavailable as error:
        if row.lane != MAIL_LANE or isinstance(prepared, Message):
            raise
        # An older call, put when families' letters had no lanes of their own: mail must not wait for that system.
        told.refused.append((row, error))
    except PartnerRefused as error:
        refused = told.addresses_refused if isinstance(prepared, Message) else told.refused
        refused.append((row, error))
    except Exception as error:  # one row that cannot be told must not stop its lane
        told.refused.append((row, error))
    else:
        told.delivered.append(row)
        if answer is not None:
            told.answers[id_of(row)] = answer


def _prepare(platform: Platform, session: Session, row: OutboxRow) -> Prepared | ByHand | None:
    """What a row tells, prepared by its addressee, not by its lane."""
    if row.addressee == FAMILY:
        return told_to_family(platform, session, row)
    return (envelope if row.lane == MAIL_LANE else prepared_call)(platform, session, row)


def prepared_rows(
    platform: Platform, rows: list[OutboxRow]
) -> list[tuple[OutboxRow, Prepared | ByHand | Exception | None]]:
    """Each row with what is to be told, None when it is moot, or the error that prevented preparing it."""
    found: list[tuple[OutboxRow, Prepared | ByHand | Exception | None]] = []
    with platform.database.turn, platform.database.reading() as session, session.no_autoflush:
        _at_hand = read_at_once(session, rows)
        for row in rows:
            try:
                found.append((row, _prepare(platform, session, row)))
            except Exception as error:  # the others of the lane are prepared all the same
                found.append((row, error))
        session.expunge_all()
        openings = unwritten(session)
    if openings:
        # The opening of the vault is stored before the letter is sent, and stays when the letter is not.
        with platform.database.writing() as session:
            write_for_another(session, openings)
    return found

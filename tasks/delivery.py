"""Delivery from the outbox: each destination in its own lane, in order, until acknowledged.

At least once: after a crash the same letter or call goes out again, with the same Message-ID or key.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage

import structlog

from domain import patience
from domain.errors import PartnerRefused, PartnerUnavailable, TilflytError
from storage.attention import ask_for_attention, close_subject
from storage.outbox import (
    MAIL_LANE,
    Lane,
    OutboxRow,
    OutboxStanding,
    claim,
    end,
    give_back,
    lanes_due,
    rest,
    waiting,
)
from tasks.calling import Call, acknowledged, prepared_call
from tasks.platform import Platform
from tasks.writing import envelope

MOST_AT_ONCE = 50
SILENCES_BEFORE_A_PERSON = 6
log = structlog.get_logger()

Tell = Callable[[OutboxRow], Awaitable[bool]]


def due_lanes(platform: Platform) -> list[str]:
    """The lanes in which something waits to be told now."""
    with platform.database.reading() as session:
        return lanes_due(session, now=platform.now())


async def deliver_lane(platform: Platform, lane: str, *, worker: str) -> int:
    """Tell what waits in a lane until it is empty, silent or another worker's; returns how much was told."""
    told = 0
    while rows := await asyncio.to_thread(_claimed_rows, platform, lane, worker):
        try:
            async with _teller(platform, lane) as tell:
                for row in rows:
                    told += await _tell(platform, row, tell, worker)
        except PartnerUnavailable as silence:
            await asyncio.to_thread(_leave_in_peace, platform, lane, silence)
            break
    await asyncio.to_thread(_give_back, platform, lane, worker)
    return told


def _claimed_rows(platform: Platform, lane: str, worker: str) -> list[OutboxRow]:
    with platform.database.writing() as session:
        if not claim(session, lane, worker=worker, now=platform.now(), lease=platform.delivery_lease):
            return []
        return waiting(session, lane, most=MOST_AT_ONCE)


def _give_back(platform: Platform, lane: str, worker: str) -> None:
    with platform.database.writing() as session:
        give_back(session, lane, worker=worker)


@asynccontextmanager
async def _teller(platform: Platform, lane: str) -> AsyncIterator[Tell]:
    """How rows of a lane are told: over one mail connection, or call by call. False when a row is moot."""
    if lane != MAIL_LANE:

        async def call(row: OutboxRow) -> bool:
            prepared: Call | None = await asyncio.to_thread(prepared_call, platform, row)
            if prepared is not None:
                await prepared()
            return prepared is not None

        yield call
        return
    async with platform.mailer.session() as mail:

        async def send(row: OutboxRow) -> bool:
            message: EmailMessage | None = await asyncio.to_thread(envelope, platform, row)
            if message is not None:
                await mail.send(message)
            return message is not None

        yield send


async def _tell(platform: Platform, row: OutboxRow, tell: Tell, worker: str) -> int:
    """Tell one row; silence is the lane's affair, anything else this row's alone."""
    try:
        standing = OutboxStanding.DELIVERED if await tell(row) else OutboxStanding.MOOT
    except PartnerUnavailable:
        raise
    except Exception as error:  # one row that cannot be told must not stop its lane
        await asyncio.to_thread(_refused, platform, row, error)
        return 0
    await asyncio.to_thread(_told, platform, row, standing, worker)
    return 1


def _told(platform: Platform, row: OutboxRow, standing: OutboxStanding, worker: str) -> None:
    with platform.database.writing() as session:
        now = platform.now()
        end(session, [row], standing, now=now)
        close_subject(session, f"lane:{row.lane}", now=now, by="the destination answered")
        acknowledged(session, row, now=now)
        claim(session, row.lane, worker=worker, now=now, lease=platform.delivery_lease)


def _refused(platform: Platform, row: OutboxRow, error: Exception) -> None:
    """Put what was refused, or what we could not prepare, on the attention list; a person may have it retried."""
    ours = isinstance(error, TilflytError)
    code = error.code if isinstance(error, TilflytError) else type(error).__name__
    letter_refused = row.lane == MAIL_LANE and isinstance(error, PartnerRefused)
    subject = f"question:{row.question_id}" if letter_refused and row.question_id else f"outbox:{row.id}"
    with platform.database.writing() as session:
        now = platform.now()
        end(session, [row], OutboxStanding.REFUSED, now=now, error=code)
        ask_for_attention(
            session,
            subject,
            "address_refused" if letter_refused else code,
            now=now,
            detail=f"{row.telling}: {error}" if ours else row.telling,
            referral_id=row.referral_id,
        )
    log.warning("refused", lane=row.lane, telling=row.telling, row=row.id, code=code)


def _leave_in_peace(platform: Platform, lane: str, silence: PartnerUnavailable) -> None:
    with platform.database.writing() as session:
        now = platform.now()
        failures = session.get_one(Lane, lane).failures + 1
        # Chance spreads the waits of many lanes; nothing is decided by it.
        pause: timedelta = patience.wait(failures, jitter=random.random(), asked_s=silence.retry_after_s)  # noqa: S311
        rest(session, lane, until=now + pause)
        if failures >= SILENCES_BEFORE_A_PERSON:
            ask_for_attention(session, f"lane:{lane}", silence.code, now=now, detail=str(silence))
    log.info("silent", lane=lane, failures=failures, pause_s=round(pause.total_seconds(), 1), why=str(silence))

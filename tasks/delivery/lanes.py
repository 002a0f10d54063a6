"""Delivery from the outbox: each destination in its own lane, in order, until acknowledged.

At least once: after a crash the same letter or call goes out again, with the same Message-ID or key.
"""

import asyncio
from collections.abc import Callable

from sqlmodel import Session

from domain.errors import PartnerUnavailable
from domain.subject import About
from storage.attention import close_subject
from storage.lanes import answered, claim, give_back, lanes_due
from storage.locks import hold_cases
from storage.outbox import BY_HAND, OutboxRow, OutboxStanding, end, waiting
from storage.questions.letters_waited_for import have_it_posted
from storage.questions.matters import hold_subjects
from tasks.delivery.acknowledgements import (
    acknowledged,
    cases_of_postings,
    hear_of_postings,
    hold_what_was_told,
)
from tasks.delivery.aftermath import leave_in_peace, note_not_reached, note_refused
from tasks.delivery.rows_told import Told, tell_each, teller
from tasks.platform import Platform

# This is also how many rows may be told a second time after a crash.
MOST_AT_ONCE = 20


def due_lanes(platform: Platform) -> list[str]:
    """The lanes in which something is due to be told."""
    with platform.database.reading() as session:
        return lanes_due(session, now=platform.now())


async def deliver_lane(platform: Platform, lane: str, *, worker: str, stop: Callable[[], bool] = lambda: False) -> int:
    """Tell what waits in a lane until it is empty, silent or no longer ours, or we stop; returns how much was told."""
    count = 0
    silence: PartnerUnavailable | None = None
    rows = await asyncio.to_thread(_claimed_rows, platform, lane, worker)
    while rows:
        told = Told()
        try:
            async with teller(platform, lane) as tell:
                await tell_each(platform, rows, tell, told)
        except PartnerUnavailable as error:
            silence = error
        count += len(told.delivered) + len(told.moot) + len(told.by_hand)
        go_on = silence is None and not stop()
        rows = await asyncio.to_thread(_write_down, platform, lane, told, worker, go_on=go_on)
    if silence is not None:
        await asyncio.to_thread(leave_in_peace, platform, lane, silence)
    return count


def _claimed_rows(platform: Platform, lane: str, worker: str) -> list[OutboxRow]:
    with platform.database.writing() as session:
        return _next_rows(platform, session, lane, worker)


def _next_rows(platform: Platform, session: Session, lane: str, worker: str) -> list[OutboxRow]:
    """The next rows to tell, with the lane held; without any, the lane is given back."""
    if not claim(session, lane, worker=worker, now=platform.now(), lease=platform.delivery_lease):
        return []
    rows = waiting(session, lane, most=MOST_AT_ONCE)
    if not rows:
        give_back(session, lane, worker=worker)
    return rows


def _write_down(platform: Platform, lane: str, told: Told, worker: str, *, go_on: bool) -> list[OutboxRow]:
    """Close the told rows in one transaction, and take the next rows or give the lane back.

    A crash before this tells the same rows again, with the same Message-IDs and keys.
    """
    with platform.database.writing() as session:
        now = platform.now()
        # Whoever writes to a question holds what it is about, and whoever writes of a posting holds its case.
        hold_cases(session, [row.referral_id for row, _ in told.addresses_refused] + cases_of_postings(told))
        hold_what_was_told(session, told.delivered)
        hold_subjects(session, [row.question_id for row, _ in told.addresses_refused])
        end(session, told.delivered, OutboxStanding.DELIVERED, now=now)
        end(session, told.moot, OutboxStanding.MOOT, now=now)
        if told.delivered and answered(session, lane):
            close_subject(session, About.LANE.of(lane), now=now, by="the destination answered")
        for row in told.delivered:
            acknowledged(session, row, now=now)
        hear_of_postings(session, told, now=now)
        end(session, told.by_hand, OutboxStanding.BY_HAND, now=now, error=BY_HAND)
        for row in told.by_hand:
            have_it_posted(session, row, now=now)
        for row, error in told.refused:
            note_refused(session, row, error, now=now)
        for row, refusal in told.addresses_refused:
            note_refused(session, row, refusal, now=now, address=True)
            note_not_reached(platform, session, row)
        if go_on:
            return _next_rows(platform, session, lane, worker)
        give_back(session, lane, worker=worker)
        return []

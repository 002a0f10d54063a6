"""Asks again about everything that waits for a person, even if somebody took it off the attention list.

An item asked about once and ticked off would hold its homes back, or leave its family unasked, for ever. Code that lets
something wait for a person alone, without a deadline or another look, adds it here.
"""

from collections.abc import Callable
from datetime import datetime

from storage.books.bookkeeping.invoice_rows import ask_again_about_invoices
from storage.operations.awaited_areas import ask_again_about_names
from storage.questions.letters_waited_for import ask_again_about_letters
from storage.questions.months import ask_again_about_months
from storage.referrals.left_areas import ask_again_about_left_areas
from tasks.platform import Platform

Asks = Callable[..., int]
# By the subject of their items; each looks at what still waits, not at what was on the list.
ASKED_AGAIN: dict[str, Asks] = {
    "area_name": ask_again_about_names,
    "invoice": ask_again_about_invoices,
    "left_area": ask_again_about_left_areas,
    "letter": ask_again_about_letters,
    "month": ask_again_about_months,
}


def ask_again(platform: Platform) -> int:
    """Put what still waits for a person on the list, where it is missing; returns how many were put."""
    return sum(_asked(platform, asks, platform.now()) for asks in ASKED_AGAIN.values())


def _asked(platform: Platform, asks: Asks, now: datetime) -> int:
    with platform.database.writing() as session:
        return asks(session, now=now)

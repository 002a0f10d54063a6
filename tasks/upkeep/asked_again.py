"""What holds something back until a person has acted is asked again, whoever took it off the attention list.

An item that is asked about once and ticked off would hold its homes back, or leave its family unasked, for ever.
Whoever has something wait for a person alone, with no deadline and no look that comes back to it, adds it here.
"""

from collections.abc import Callable
from datetime import datetime

from storage.operations.awaited_areas import ask_again_about_names
from storage.questions.letters_waited_for import ask_again_about_letters
from storage.referrals.left_areas import ask_again_about_left_areas
from tasks.platform import Platform

Asks = Callable[..., int]
# By what the codes of their items are about; each looks at what waits, and never at what was on the list.
ASKED_AGAIN: dict[str, Asks] = {
    "area_name": ask_again_about_names,
    "left_area": ask_again_about_left_areas,
    "letter": ask_again_about_letters,
}


def ask_again(platform: Platform) -> int:
    """Put on the list what still waits for a person and does not stand there; how many were put."""
    return sum(_asked(platform, asks, platform.now()) for asks in ASKED_AGAIN.values())


def _asked(platform: Platform, asks: Asks, now: datetime) -> int:
    with platform.database.writing() as session:
        return asks(session, now=now)

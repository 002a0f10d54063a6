"""People who are away, and their deputies."""

from datetime import date, timedelta

from domain.parties.party import Absence
from tests.world.clock import START

TODAY = START.date()
ALL_WEEK = (TODAY, TODAY + timedelta(days=6))


def away(deputy: str, first: date = ALL_WEEK[0], last: date = ALL_WEEK[1]) -> tuple[Absence, ...]:
    return (Absence(first, last, deputy),)

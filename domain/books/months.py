"""Months as the books count them."""

from calendar import monthrange
from datetime import date

from domain.errors import Invalid

MONTHS_A_YEAR = 12


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where it is shorter."""
    number = day.year * MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(number, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day_of_month(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def last_day_written(month: str) -> date:
    """The last day of a month that somebody wrote as 2026-03; `Invalid` when it is written otherwise."""
    year, _, number = month.partition("-")
    if (len(year), len(number)) == (4, 2) and (year + number).isascii() and (year + number).isdecimal():
        try:
            return last_day_of_month(date(int(year), int(number), 1))
        except ValueError:
            pass  # there is no thirteenth month
    raise Invalid("month", "must be written as 2026-03")

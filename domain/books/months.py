"""Months as the books count them."""

from calendar import monthrange
from collections.abc import Container
from datetime import date, timedelta

from domain.errors import Invalid
from domain.subject import About, Subject
from domain.working_days import working_days_after

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


def last_day_before(day: date) -> date:
    """The last day of the month before a day's own."""
    return day.replace(day=1) - timedelta(days=1)


def settled_by_itself_on(last_day: date, working_day: int, holidays: Container[date]) -> date:
    """The day on which a month is settled by itself: so many working days after its last day."""
    return working_days_after(last_day, working_day, holidays)


def month_name(last_day: date) -> str:
    """A month as people and files name it: 2026-03."""
    return f"{last_day:%Y-%m}"


def month_subject(last_day: date) -> Subject:
    """The subject of what is asked about a settled month."""
    return About.MONTH.of(month_name(last_day))


def party_month(last_day: date, party: str) -> Subject:
    """The subject of what needs a person about a party's month."""
    return About.MONTH.of(month_name(last_day), party)


def last_day_in(subject: Subject) -> date:
    """The last day of the month that a subject names; `ValueError` when it names none."""
    return last_day_of_month(date.fromisoformat(f"{(subject.name or '').partition('/')[0]}-01"))

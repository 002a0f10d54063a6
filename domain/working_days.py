"""Deadlines count Danish working days; the holidays are an argument."""

from collections.abc import Container
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
SATURDAY = 5


def day_of(moment: datetime) -> date:
    """The day in Copenhagen at a moment."""
    return moment.astimezone(COPENHAGEN).date()


def is_working_day(day: date, holidays: Container[date]) -> bool:
    """Monday to Friday, and no public holiday."""
    return day.weekday() < SATURDAY and day not in holidays


def working_days_after(day: date, count: int, holidays: Container[date]) -> date:
    """The `count`-th working day after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day


def end_of_working_day(asked_at: datetime, count: int, holidays: Container[date]) -> datetime:
    """The end of the `count`-th working day after a moment, at midnight in Copenhagen."""
    last_day = working_days_after(day_of(asked_at), count, holidays)
    return datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=COPENHAGEN)


def last_day_of(answer_by: datetime) -> date:
    """The day that a person reads as the deadline: the last day on which an answer counts."""
    return day_of(answer_by - timedelta(microseconds=1))

"""The days on which requests go out: all requests to one recipient together, so that the day reveals no family."""

from collections.abc import Collection, Container
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from domain.working_days import COPENHAGEN, day_of, is_working_day, working_days_after


class Weekday(StrEnum):
    """A day of the week on which requests can go out."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"


USUAL_DAYS = (Weekday.TUESDAY, Weekday.FRIDAY)
USUAL_HOUR = 10
# Holidays move a sending day by less than a week, and within another week there is a next one.
LOOKED_AT = range(-7, 15)


def next_sending(now: datetime, days: Collection[Weekday], hour: int, holidays: Container[date]) -> datetime:
    """The first moment after `now` at which requests go out; a day that is a holiday moves to the next working day."""
    today, named = day_of(now), {list(Weekday).index(day) for day in days}
    around = (today + timedelta(days=ahead) for ahead in LOOKED_AT)
    meant = [day for day in around if day.weekday() in named]
    kept = (day if is_working_day(day, holidays) else working_days_after(day, 1, holidays) for day in meant)
    moments = (datetime.combine(day, time(hour), tzinfo=COPENHAGEN) for day in kept)
    return min(moment for moment in moments if moment > now)

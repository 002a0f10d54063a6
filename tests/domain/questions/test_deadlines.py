"""Deadlines count Danish working days, to their end."""

from datetime import UTC, date, datetime

import pytest

from domain.working_days import end_of_working_day, last_day_of
from tasks.platform import days_offices_are_closed

DENMARK = days_offices_are_closed()


@pytest.mark.parametrize(
    ("asked_at", "days", "last_day"),
    [
        ("2026-03-02T09:00+00:00", 1, "2026-03-03"),
        ("2026-03-06T09:00+00:00", 1, "2026-03-09"),  # over a weekend
        ("2026-03-31T09:00+00:00", 2, "2026-04-07"),  # over Easter: Thursday, Friday and Monday are holidays
        ("2027-04-22T09:00+00:00", 1, "2027-04-23"),  # what was Store bededag is a working day again
        ("2026-06-04T09:00+00:00", 1, "2026-06-08"),  # over Grundlovsdag and a weekend
        ("2026-12-23T09:00+00:00", 1, "2026-12-28"),  # over Christmas
        ("2026-03-02T23:30+00:00", 1, "2026-03-04"),  # already 3 March in Copenhagen
    ],
)
def test_deadlines_count_danish_working_days(asked_at: str, days: int, last_day: str):
    answer_by = end_of_working_day(datetime.fromisoformat(asked_at), days, DENMARK)

    assert last_day_of(answer_by) == date.fromisoformat(last_day)


def test_the_last_day_ends_at_midnight_in_copenhagen_in_summer_and_winter():
    winter = end_of_working_day(datetime(2026, 1, 5, 9, tzinfo=UTC), 1, DENMARK)
    summer = end_of_working_day(datetime(2026, 7, 6, 9, tzinfo=UTC), 1, DENMARK)

    assert winter.astimezone(UTC) == datetime(2026, 1, 6, 23, tzinfo=UTC)
    assert summer.astimezone(UTC) == datetime(2026, 7, 7, 22, tzinfo=UTC)

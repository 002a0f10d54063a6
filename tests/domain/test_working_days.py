"""A day is Copenhagen's, whatever the moment's time zone."""

from datetime import date, datetime
from pathlib import Path

import pytest

import domain
import storage
import tasks
from domain.working_days import day_of, last_day_of

FILES = [file for layer in (domain, storage, tasks) for file in sorted(Path(layer.__file__).parent.rglob("*.py"))]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-01T22:59:59+00:00", date(2026, 1, 1)),
        ("2026-01-01T23:00:00+00:00", date(2026, 1, 2)),
        # In summer the day in Copenhagen begins two hours before midnight by UTC.
        ("2026-07-01T21:59:59+00:00", date(2026, 7, 1)),
        ("2026-07-01T22:00:00+00:00", date(2026, 7, 2)),
        # The nights in which summer time begins and ends.
        ("2026-03-28T23:00:00+00:00", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", date(2026, 3, 30)),
        ("2026-10-25T22:59:59+00:00", date(2026, 10, 25)),
        ("2026-01-02T08:00:00+09:00", date(2026, 1, 2)),
        ("2026-01-02T07:59:59+09:00", date(2026, 1, 1)),
    ],
)
def test_the_day_of_a_moment_is_that_in_copenhagen(moment: str, day: date):
    assert day_of(datetime.fromisoformat(moment)) == day


@pytest.mark.parametrize("midnight", ["2026-01-01T23:00:00+00:00", "2026-01-02T00:00:00+01:00"])
def test_an_answer_by_midnight_is_due_the_day_before(midnight: str):
    assert last_day_of(datetime.fromisoformat(midnight)) == date(2026, 1, 1)


def test_copenhagens_day_is_found_in_one_place():
    found = [file.name for file in FILES if ".astimezone(COPENHAGEN).date()" in file.read_text("utf-8")]

    assert found == ["working_days.py"]

"""On which day a month is settled by itself, and what it is called."""

from datetime import date

import pytest

from domain.books.months import last_day_before, last_day_in, month_name, month_subject, settled_by_itself_on
from tasks.platform import days_offices_are_closed

FIFTH = [
    pytest.param("2026-01-31", "2026-02-06", id="January ends on a Saturday"),
    pytest.param("2026-03-31", "2026-04-10", id="Easter comes between"),
    pytest.param("2026-04-30", "2026-05-08", id="1 May is a holiday for municipalities"),
    pytest.param("2026-12-31", "2027-01-08", id="the year ends on a holiday"),
    pytest.param("2028-02-29", "2028-03-07", id="a leap day"),
    pytest.param("2026-10-31", "2026-11-06", id="summer time has ended"),
    pytest.param("2029-03-31", "2029-04-10", id="the month ends on the day before Easter"),
]


@pytest.mark.parametrize(("last_day", "on"), FIFTH)
def test_a_month_is_settled_on_the_fifth_working_day_of_the_next(last_day: str, on: str):
    found = settled_by_itself_on(date.fromisoformat(last_day), 5, days_offices_are_closed())

    assert found == date.fromisoformat(on)
    assert last_day_before(found) == date.fromisoformat(last_day)


@pytest.mark.parametrize("last_day", ["2026-03-31", "2028-02-29", "2026-12-31"])
def test_a_month_is_known_again_by_its_subject(last_day: str):
    day = date.fromisoformat(last_day)

    assert month_name(day) == last_day[:7]
    assert last_day_in(month_subject(day)) == day


def test_what_is_no_months_subject_is_refused():
    with pytest.raises(ValueError, match="Invalid isoformat"):
        last_day_in(type(month_subject(date(2026, 3, 31)))("month", "marts"))

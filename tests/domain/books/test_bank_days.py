"""The days on which banks are closed, beside the list that Danmarks Nationalbank publishes."""

from datetime import date, timedelta

import holidays
import pytest

from domain.books.bookkeeping.bank_days import BankClosedDays

# https://www.nationalbanken.dk/da/vores-arbejde/…/banklukkedage, as read in November 2026; weekends apart.
CLOSED = {
    2026: ("01-01", "04-02", "04-03", "04-06", "05-14", "05-15", "05-25", "06-05", "12-24", "12-25", "12-31"),
    2027: ("01-01", "03-25", "03-26", "03-29", "05-06", "05-07", "05-17", "12-24", "12-31"),
}


@pytest.mark.parametrize("year", CLOSED)
def test_banks_are_closed_on_the_days_that_the_national_bank_names_and_on_no_other(year: int):
    closed = BankClosedDays(holidays.country_holidays("DK"))
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    found = [f"{day:%m-%d}" for day in days if day.weekday() < 5 and day in closed]
    assert found == list(CLOSED[year])


def test_a_party_may_name_further_days_and_nothing_but_a_day_is_one():
    closed = BankClosedDays(frozenset(), frozenset({date(2026, 5, 1)}))
    assert date(2026, 5, 1) in closed
    assert date(2026, 5, 4) not in closed
    assert "2026-05-01" not in closed

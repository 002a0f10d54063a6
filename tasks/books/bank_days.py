"""The days on which a party's bank is closed."""

from collections.abc import Iterable
from datetime import date

import holidays

from domain.books.bookkeeping.bank_days import BankClosedDays


def days_banks_are_closed(own: Iterable[date] = ()) -> BankClosedDays:
    """Public holidays, the banks' own closed days, and further ones that a party names."""
    return BankClosedDays(holidays.country_holidays("DK"), frozenset(own))

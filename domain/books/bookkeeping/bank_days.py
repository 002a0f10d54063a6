"""The days on which Danish banks are closed beside Saturdays and Sundays (Danmarks Nationalbank, banklukkedage)."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

FRIDAY, MAY, JUNE = 4, 5, 6
# Constitution Day, Christmas Eve and New Year's Eve, as month and day.
ALWAYS_CLOSED = frozenset({(6, 5), (12, 24), (12, 31)})


@dataclass(frozen=True, slots=True)
class BankClosedDays(Container[date]):
    """Public holidays, the banks' own closed days, and further ones that a party names. 1 May is a banking day."""

    public_holidays: Container[date]
    own: frozenset[date] = frozenset()

    def __contains__(self, day: object) -> bool:
        """Whether banks are closed on a day, weekends apart."""
        if not isinstance(day, date):
            return False
        closed = day in self.public_holidays or day in self.own or (day.month, day.day) in ALWAYS_CLOSED
        return closed or self._follows_ascension_day(day)

    def _follows_ascension_day(self, day: date) -> bool:
        """A Friday in May or June after a holiday: no other public holiday is a Thursday then."""
        is_such = day.weekday() == FRIDAY and day.month in (MAY, JUNE)
        return is_such and day - timedelta(days=1) in self.public_holidays

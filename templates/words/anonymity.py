"""When requests are sent, in Danish."""

from enum import StrEnum

from domain.parties.sending_days import Weekday
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    Weekday: {
        Weekday.MONDAY: marked("Mandag"),
        Weekday.TUESDAY: marked("Tirsdag"),
        Weekday.WEDNESDAY: marked("Onsdag"),
        Weekday.THURSDAY: marked("Torsdag"),
        Weekday.FRIDAY: marked("Fredag"),
    },
}

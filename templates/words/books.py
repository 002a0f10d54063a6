"""What is booked, in Danish."""

from enum import StrEnum

from domain.books.booking import BookingKind
from templates.words.marked import marked

NAMES: dict[type[StrEnum], dict[str, str]] = {
    BookingKind: {
        BookingKind.MOVE_IN: marked("Indflytning"),
        BookingKind.REVERSAL: marked("Tilbageførsel"),
    },
}

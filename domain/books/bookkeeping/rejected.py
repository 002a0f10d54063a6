"""What finance systems have rejected of a party, and what becomes of it: it is corrected and sent under a new key."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.books.booking import PLAIN, BookingKind
from domain.books.bookkeeping.posting_life import PostingState
from domain.books.shares import kroner
from domain.parties.party import PartyKind, is_a
from domain.working_days import COPENHAGEN


@dataclass(frozen=True, slots=True)
class RejectedPosting:
    """A side of a booking that a finance system (`system`, by its party) has rejected, with the code of the reason.

    `state` is REJECTED while it waits for a person to correct it, DISPUTED while a person must find out what is true,
    and CORRECTED once it was sent anew; `became` is what is known of it since then.
    """

    booking: str
    reference: str
    kind: BookingKind
    rule: str
    amount_ore: int
    system: str
    why: str
    rejected_at: datetime
    state: PostingState = PostingState.REJECTED
    corrected_at: datetime | None = None
    became: PostingState | None = None

    def told(self) -> dict[str, Any]:
        """The same as a program reads it."""
        moments = {"rejected_at": self.rejected_at, "corrected_at": self.corrected_at}
        return asdict(self) | {name: at and at.astimezone(COPENHAGEN).isoformat() for name, at in moments.items()}


def known_as(party: str, booking: str, reference: str, pseudonym: str) -> tuple[str, str]:
    """By what a party knows a case, and the name of a booking of it: an association by its own pseudonym alone."""
    if is_a(party, PartyKind.ASSOCIATION):
        return pseudonym, booking.replace(reference, pseudonym)
    return reference, booking


def rejected_as_csv(
    told: Iterable[Mapping[str, Any]], states: Mapping[str, str], reasons: Mapping[str, str]
) -> Iterator[bytes]:
    """What was rejected of each party, as `as_told` has it, for a Danish spreadsheet; no cell can be a formula.

    `states` and `reasons` are their Danish names; a reason without one is the finance system's own code.
    """
    yield "\ufeffPart;Sag;Regel;Bilag;Beløb;Økonomisystem;Årsag;Afvist;Tilstand;Sendt igen;Derefter\r\n".encode()
    for one in told:
        for row in one["rejected"]:
            amount = kroner(row["amount_ore"]).replace(".", ",")
            why = reasons.get(row["why"]) or f"koden {row['why']}"
            known = (one["party"], row["reference"], row["rule"] or PLAIN, row["booking"], amount, row["system"], why)
            became = states[row["became"]] if row["became"] else ""
            days = (row["rejected_at"][:10], states[row["state"]], (row["corrected_at"] or "")[:10], became)
            yield (";".join((*known, *days)) + "\r\n").encode()

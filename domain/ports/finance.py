"""A municipality's finance system: bookings are posted to it."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LedgerPosting:
    """One side of a booking as a finance system receives it. Amount in øre."""

    booking: str
    reference: str
    account: str
    amount_ore: int
    booked_on: date
    kind: str


@dataclass(frozen=True, slots=True)
class HeldPosting:
    """A posting that a finance system holds, with the idempotency key under which we told it."""

    posting: LedgerPosting
    key: str


class FinanceSystem(Protocol):
    """A municipality's finance system (økonomisystem)."""

    async def post(self, posting: LedgerPosting, *, key: str) -> None:
        """Post one side of a booking."""
        ...

    async def posted(self, since: date) -> list[HeldPosting]:
        """What was posted on a day or later. `PartnerRefused` when it cannot be asked."""
        ...

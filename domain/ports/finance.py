"""A municipality's finance system: bookings are posted to it, and it says what became of them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LedgerPosting:
    """One side of a booking as a finance system receives it. Amount in øre.

    `account_string` (kontostreng) is the finance system's own account; empty where the party has named none.
    """

    booking: str
    reference: str
    account: str
    amount_ore: int
    booked_on: date
    kind: str
    account_string: str = ""


@dataclass(frozen=True, slots=True)
class HeldPosting:
    """A posting that a finance system holds, with the idempotency key under which we told it."""

    posting: LedgerPosting
    key: str


class PostingVerdict(StrEnum):
    """What a finance system says of a posting.

    QUEUED: nobody was told yet, it goes with the next run. SENT: it was taken, and no more is known. BOOKED: it stands
    in what the finance system reports back, TWICE: more than once. UNCLEAR: a yes and a no at once.
    """

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    BOOKED = "booked"
    TWICE = "twice"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class PostingAnswer:
    """A finance system's answer to a posting: the reason of a rejection as a code, and an amount where it says one."""

    verdict: PostingVerdict
    reason: str = ""
    amount_ore: int | None = None


class FinanceSystem(Protocol):
    """A municipality's finance system (økonomisystem)."""

    async def post(self, posting: LedgerPosting, *, key: str) -> PostingAnswer:
        """Post one side of a booking. The same key is carried out once, and answered the same however often."""
        ...

    async def posted(self, since: date) -> list[HeldPosting]:
        """What was posted on a day or later. `PartnerRefused` when it cannot be asked."""
        ...

    async def answers(self, since: date) -> dict[str, PostingAnswer]:
        """What became of the postings told on a day or later, by key. `PartnerRefused` when it cannot be asked."""
        ...

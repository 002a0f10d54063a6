"""A municipality's case system: what it flags, and what it is told about that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.referrals.household import FlagBatch


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a case system is told about a flag: taken in under a reference, or refused with the reason."""

    flag_id: str
    accepted: bool
    reference: str | None = None
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt that a case system holds, with the idempotency key under which we told it."""

    receipt: Receipt
    key: str


@dataclass(frozen=True, slots=True)
class AnsweredFlags:
    """The flags and withdrawals of a case system that we have answered, with the answers."""

    flags: FlagBatch
    receipts: tuple[HeldReceipt, ...]


class CaseSystem(Protocol):
    """A municipality's case system (fagsystem)."""

    async def flagged(self) -> FlagBatch:
        """The flags and withdrawals that we have not yet acknowledged."""
        ...

    async def acknowledge(self, receipt: Receipt, *, key: str) -> None:
        """Tell the case system what became of a flag or a withdrawal."""
        ...

    async def answered(self, since: datetime) -> AnsweredFlags:
        """What we have told it since a moment, and about which flags. `PartnerRefused` when it cannot be asked."""
        ...

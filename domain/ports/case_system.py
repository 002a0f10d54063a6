"""A municipality's case system: what it flags, and what it is told about that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.referrals.household import FlagBatch


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a case system is told about a flag: taken in under a reference, or refused and why."""

    flag_id: str
    accepted: bool
    reference: str | None = None
    field: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt that a case system holds, and the idempotency key under which it was told."""

    receipt: Receipt
    key: str


@dataclass(frozen=True, slots=True)
class AnsweredFlags:
    """What a case system has flagged or withdrawn and was answered, with the answers."""

    flags: FlagBatch
    receipts: tuple[HeldReceipt, ...]


class CaseSystem(Protocol):
    """A municipality's case system (fagsystem)."""

    async def flagged(self) -> FlagBatch:
        """What has been flagged or withdrawn and not yet acknowledged."""
        ...

    async def acknowledge(self, receipt: Receipt, *, key: str) -> None:
        """Tell what became of a flag or a withdrawal."""
        ...

    async def answered(self, since: datetime) -> AnsweredFlags:
        """What it was told since a moment, and what about. `PartnerRefused` when it cannot be asked."""
        ...

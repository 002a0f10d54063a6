"""A finance system (økonomisystem) that takes postings as JSON over HTTP."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from connectors.http import PartnerHttp
from domain.ports import LedgerPosting


@dataclass(frozen=True, slots=True)
class JsonFinanceSystem:
    """`POST {url}/postings`, one side of a booking at a time, in øre."""

    serves: ClassVar[Literal["finance"]] = "finance"

    http: PartnerHttp

    async def post(self, posting: LedgerPosting, *, key: str) -> None:
        """Post one side of a booking."""
        told = {
            "booking": posting.booking,
            "reference": posting.reference,
            "account": posting.account,
            "amount_ore": posting.amount_ore,
            "booked_on": posting.booked_on.isoformat(),
            "kind": posting.kind,
        }
        await self.http.write("/postings", told, key=key)

"""A finance system (økonomisystem) that takes postings as JSON over HTTP."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from connectors.held import HeldPostingSent, in_list, read
from connectors.http import PartnerHttp
from domain.ports.finance import HeldPosting, LedgerPosting


@dataclass(frozen=True, slots=True)
class JsonFinanceSystem:
    """`POST {url}/postings`, one side of a booking at a time, in øre.

    `GET {url}/postings?since=…` is called after a backup was put back.
    """

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

    async def posted(self, since: date) -> list[HeldPosting]:
        """What was posted on a day or later."""
        answer = await self.http.read("/postings", query={"since": since.isoformat()})
        return [one.held() for one in read(HeldPostingSent, in_list(answer, "postings"), answer)]

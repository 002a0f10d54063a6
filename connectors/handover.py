"""A municipality's interface for cases that are handed over to it, in JSON over HTTP."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from connectors.held import NewcomerSent, in_list, read
from connectors.http import PartnerHttp
from domain.errors import PartnerRefused
from domain.ports.handover import Newcomer


@dataclass(frozen=True, slots=True)
class JsonHandoverDesk:
    """`POST {url}/newcomers` and `/recalls`; `GET {url}/newcomers` is called after a backup was put back."""

    serves: ClassVar[Literal["handover"]] = "handover"

    http: PartnerHttp

    async def hand_over(self, newcomer: Newcomer, *, key: str) -> None:
        """Tell the municipality who moves to it."""
        told = {
            "reference": newcomer.reference,
            "association": newcomer.association,
            "department": newcomer.department,
            "name": newcomer.name,
            "cpr": newcomer.cpr,
            "email": newcomer.email,
            "phone": newcomer.phone,
            "address_protection": newcomer.address_protection,
        }
        await self.http.write("/newcomers", told, key=key)

    async def take_back(self, reference: str, *, key: str) -> None:
        """Ask to delete what was told; `PartnerRefused` unless the municipality confirms the deletion."""
        answer = await self.http.write("/recalls", {"reference": reference}, key=key)
        if answer.get("deleted") is not True:
            raise PartnerRefused("POST /recalls: deletion not confirmed")

    async def known(self) -> list[str]:
        """The references of the cases that the municipality was told of."""
        answer = await self.http.read("/newcomers")
        return [one.reference for one in read(NewcomerSent, in_list(answer, "newcomers"), answer)]

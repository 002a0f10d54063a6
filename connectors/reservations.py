"""An association's interface for reservations, in JSON over HTTP."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from connectors.held import HeldHomeSent, in_list, read
from connectors.http import PartnerHttp
from domain.errors import PartnerRefused
from domain.ports.reservations import HeldHome, Reservation, Tenant


@dataclass(frozen=True, slots=True)
class JsonReservationDesk:
    """`POST {url}/reservations`, `/releases`, `/tenants` and `/recalls`.

    `GET {url}/reservations` is called after a backup was put back.
    """

    serves: ClassVar[Literal["reservations"]] = "reservations"

    http: PartnerHttp

    async def reserve(self, reservation: Reservation, *, key: str) -> None:
        """Hold a home; `PartnerRefused` when it is held for somebody else."""
        told = {
            "external_id": reservation.external_id,
            "pseudonym": reservation.pseudonym,
            "reserved_until": reservation.reserved_until.isoformat(),
        }
        await self.http.write("/reservations", told, key=key)

    async def release(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Release a home."""
        await self.http.write("/releases", {"external_id": external_id, "pseudonym": pseudonym}, key=key)

    async def disclose_tenant(self, tenant: Tenant, *, key: str) -> None:
        """Tell who signs the lease."""
        told = {
            "external_id": tenant.external_id,
            "pseudonym": tenant.pseudonym,
            "name": tenant.name,
            "email": tenant.email,
            "phone": tenant.phone,
            "address_protection": tenant.address_protection,
        }
        await self.http.write("/tenants", told, key=key)

    async def recall(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Ask to delete what was told; `PartnerRefused` unless the association confirms the deletion."""
        answer = await self.http.write("/recalls", {"external_id": external_id, "pseudonym": pseudonym}, key=key)
        if answer.get("deleted") is not True:
            raise PartnerRefused("POST /recalls: deletion not confirmed")

    async def held_for_us(self) -> list[HeldHome]:
        """What the association holds for us."""
        answer = await self.http.read("/reservations")
        return [one.home() for one in read(HeldHomeSent, in_list(answer, "reservations"), answer)]

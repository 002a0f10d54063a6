"""An association's interface for what happens to one of its vacancies."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reservation:
    """What an association is asked to reserve: its own unit, until when, under a pseudonym that only it knows."""

    external_id: str
    pseudonym: str
    reserved_until: datetime


@dataclass(frozen=True, slots=True)
class Tenant:
    """The adult who signs the lease, told to the association after acceptance and never before."""

    external_id: str
    pseudonym: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    # Whoever lets the home must tell nobody its address (CPR-loven § 28).
    address_protection: bool = field(repr=False)


@dataclass(frozen=True, slots=True)
class HeldHome:
    """A home about which an association knows something from us: that it is held, or who the family is, or both."""

    external_id: str
    pseudonym: str
    is_held: bool
    is_known: bool


class ReservationDesk(Protocol):
    """An association's interface for what happens to one of its vacancies."""

    async def reserve(self, reservation: Reservation, *, key: str) -> None:
        """Hold a home for a family that is known by its pseudonym."""
        ...

    async def release(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Release a home that was held."""
        ...

    async def disclose_tenant(self, tenant: Tenant, *, key: str) -> None:
        """Tell the association who the family is."""
        ...

    async def recall(self, external_id: str, pseudonym: str, *, key: str) -> None:
        """Ask the association to delete what it was told, and to confirm that it has."""
        ...

    async def held_for_us(self) -> list[HeldHome]:
        """The homes that it holds for us, never who the families are. `PartnerRefused` when it cannot be asked."""
        ...

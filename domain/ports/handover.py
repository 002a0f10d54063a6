"""A municipality's interface for cases that are handed over to it."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who moves to a municipality: it is told after acceptance, when the case is handed over (sagsoverdragelse).

    It is never told where the family lives now: it does not need to know, and some families hide from somebody.
    """

    reference: str
    association: str
    department: str
    name: str = field(repr=False)
    cpr: str = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    address_protection: bool = field(repr=False)


class HandoverDesk(Protocol):
    """A municipality's interface for cases that are handed over to it."""

    async def hand_over(self, newcomer: Newcomer, *, key: str) -> None:
        """Tell the municipality who moves to it."""
        ...

    async def take_back(self, reference: str, *, key: str) -> None:
        """Ask the municipality to delete what it was told, and to confirm that it has."""
        ...

    async def known(self) -> list[str]:
        """The references of the cases that it was told about. `PartnerRefused` when it cannot be asked."""
        ...

"""A municipality's interface for cases that are handed over to it."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who moves to a municipality: told to it after acceptance, with the case handed over (sagsoverdragelse).

    Never where the family lives now: nobody needs it to receive them, and some of them hide from somebody.
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
        """Tell who moves to the municipality."""
        ...

    async def take_back(self, reference: str, *, key: str) -> None:
        """Ask the municipality to delete what it was told, and have it confirmed."""
        ...

    async def known(self) -> list[str]:
        """The references of the cases it was told of. `PartnerRefused` when it cannot be asked."""
        ...

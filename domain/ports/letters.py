"""Where a municipality's letters to citizens go."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FamilyLetter:
    """A letter to the adult of a family, whose identity never shows in a repr."""

    cpr: str = field(repr=False)
    name: str = field(repr=False)
    address: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str


class LetterSystem(Protocol):
    """Where a municipality's letters to citizens go: Digital Post, or paper."""

    async def send(self, letter: FamilyLetter, *, key: str) -> None:
        """Hand over one letter."""
        ...

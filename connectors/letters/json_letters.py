"""A municipality's letter system: Digital Post for those who have it, paper for the others."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from connectors.http import PartnerHttp
from domain.ports.letters import FamilyLetter


@dataclass(frozen=True, slots=True)
class JsonLetterSystem:
    """`POST {url}/letters`: a letter to a citizen. The system chooses Digital Post or paper, and keeps the proof."""

    serves: ClassVar[Literal["letters"]] = "letters"

    http: PartnerHttp

    async def send(self, letter: FamilyLetter, *, key: str) -> None:
        """Hand over one letter."""
        told = {
            "recipient": {"cpr": letter.cpr, "name": letter.name, "address": letter.address},
            "subject": letter.subject,
            "text": letter.text,
            "html": letter.html,
            "language": letter.language,
        }
        await self.http.write("/letters", told, key=key)

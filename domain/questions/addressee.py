"""The addressee of a question or a letter: a person at a party, or the family."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addressee:
    """A contact of a party; for the family both are `family`.

    Its text is `<party>/<contact>`, or `family`. A link's token is made of it, and it stands in letters' rows and in
    the history: it is never changed.
    """

    party: str
    contact_id: str

    def __str__(self) -> str:
        return self.party if self == THE_FAMILY else f"{self.party}/{self.contact_id}"

    @classmethod
    def read(cls, text: str) -> "Addressee":
        """An addressee from its text; `ValueError` when it names nobody, as a party alone does not."""
        if text == str(THE_FAMILY):
            return THE_FAMILY
        party, slash, contact_id = text.rpartition("/")
        if not slash:
            raise ValueError("names no contact of a party")
        return cls(party, contact_id)


THE_FAMILY = Addressee("family", "family")

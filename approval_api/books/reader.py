"""Who reads a party's books."""

from dataclasses import dataclass

from sqlmodel import Session

from approval_api.sitting import Person
from domain.parties.party import municipality
from storage.areas.places import municipality_names
from storage.parties.partners import partner_of, partners


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and at which party; `names` are the names of the parties that may be named to them."""

    person: str
    party: str
    party_name: str
    names: dict[str, str]

    def name_of(self, party: str) -> str:
        """A party's name; its code where nobody has told its name."""
        return self.names.get(party, party)


def reader_of(session: Session, person: Person) -> Reader:
    """A person who has logged in, and the names of the parties."""
    known = {one.party: one.name for one in partners(session)}
    places = {municipality(code): name for code, name in municipality_names(session).items()}
    return Reader(person.contact.name, person.party, partner_of(session, person.party).name, places | known)

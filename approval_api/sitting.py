"""Sittings: a browser's cookie holds the key of its sitting, and the sitting says who has logged in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response

from domain.parties.party import Contact, PartyKind, Role, is_a
from domain.questions.addressee import Addressee
from storage.operations.scopes import KEEPERS_OF_THE_BOOKS
from storage.parties.logins import sitting
from storage.parties.partners import partner_of

SITTING = "__Host-sitting"


@dataclass(frozen=True, slots=True)
class Party:
    """A party at which one can log in."""

    party: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has logged in: the contact of a party."""

    party: str
    contact: Contact

    @property
    def name(self) -> str:
        """The name under which their actions are recorded: party and contact id."""
        return str(Addressee(self.party, self.contact.id))


def person_of(session: Session, cookies: Mapping[str, str], *, now: datetime) -> Person | None:
    """The person who has logged in from this browser, if the party still names them."""
    found = sitting(session, cookies.get(SITTING), now=now)
    contact = partner_of(session, found.party).contact(found.contact_id) if found else None
    return Person(found.party, contact) if found and contact else None


def is_staff(person: Person | None) -> bool:
    """Whether a person runs the platform: a contact of the operator whose role is operations or chief."""
    at_operator = person is not None and is_a(person.party, PartyKind.OPERATOR)
    return at_operator and person is not None and person.contact.role in (Role.OPERATIONS, Role.CHIEF)


def begins_at(person: Person) -> str:
    """The page on which a person begins who has logged in to no page of their own choice.

    Who keeps a party's books begins with them; everybody else with their questions, which lead on to the books too.
    """
    keeps_books = person.contact.role in KEEPERS_OF_THE_BOOKS and not is_a(person.party, PartyKind.OPERATOR)
    return "/afregning" if keeps_books else "/mine"


def let_in(response: Response, key: str) -> Response:
    """Set the cookie with the key of a sitting; `lax`, because people follow a link in their mail."""
    response.set_cookie(SITTING, key, secure=True, httponly=True, samesite="lax")
    return response


def shown_out(response: Response) -> Response:
    """Delete the cookie."""
    response.delete_cookie(SITTING, secure=True, httponly=True, samesite="lax")
    return response

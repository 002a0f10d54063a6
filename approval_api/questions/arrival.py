"""A visitor of a question: what the link leads to, who the visitor is, and whether they may see it."""

from datetime import datetime
from http import HTTPStatus

from fastapi import Response
from sqlmodel import Session

from approval_api.endpoint import Endpoint
from approval_api.questions.admission import Admission, acting, admission, login_needed
from approval_api.questions.lookup import Seen, look_up, look_up_listed
from approval_api.responses import asking_to_log_in, drawn
from approval_api.sitting import Person, person_of
from approval_api.visit import Visit
from domain.parties.party import Contact
from domain.referrals.household import Language
from storage.parties.partners import partner_of


class Arrival:
    """What one database session knows about one visitor; each thing is looked up once, when it is first needed.

    Not by `cached_property`: before Python 3.12 all instances share its lock, so that a thread that waits for a
    database connection would block the threads that have one.
    """

    def __init__(self, session: Session, endpoint: Endpoint, visit: Visit) -> None:
        self.session = session
        self.settings = endpoint.settings
        self.visit = visit
        self.now: datetime = endpoint.clock.now()
        # Each result in a tuple of one; None before it was looked up.
        self._person: tuple[Person | None] | None = None
        self._seen: tuple[Seen | None] | None = None
        self._gate: tuple[Response | None] | None = None

    @property
    def is_listed(self) -> bool:
        """Whether the visitor comes from their list and not by a link."""
        return self.visit.listed is not None

    @property
    def person(self) -> Person | None:
        """Who has logged in from this browser."""
        if self._person is None:
            self._person = (person_of(self.session, self.visit.cookies, now=self.now),)
        return self._person[0]

    @property
    def seen(self) -> Seen | None:
        """The question that the visitor's link or list leads to."""
        if self._seen is None:
            self._seen = (self._looked_up(),)
        return self._seen[0]

    def _looked_up(self) -> Seen | None:
        if self.visit.listed is None:
            return look_up(self.session, self.visit.token)
        party = self.person.party if self.person else None
        return look_up_listed(self.session, self.visit.listed, party=party) if party else None

    @property
    def gate(self) -> Response | None:
        """The page for a visitor who may not see the question, or not before a login; it says nothing of the case."""
        if self._gate is None:
            self._gate = (_gate(self, self.seen) if self.seen else None,)
        return self._gate[0]

    def acting(self, seen: Seen) -> Contact | None:
        """The contact who answers, when a login was needed or the visitor comes from their list."""
        return acting(self.session, seen, self.person, listed=self.is_listed)

    def tongue(self, seen: Seen) -> Language:
        """The language that the visitor chose, or that of the question's addressee."""
        return self.visit.language or seen.language

    @property
    def counted_as(self) -> str:
        """The name of the counter of answers: one for each link, and one for each person and question of a list."""
        visit = self.visit
        if not self.is_listed:
            return visit.token
        person = self.person
        return f"{visit.token}|{person.name}" if person else f"{visit.token}|{visit.address}"


def _gate(arrival: Arrival, seen: Seen) -> Response | None:
    session, person, listed, tongue = arrival.session, arrival.person, arrival.is_listed, arrival.tongue(seen)
    if not seen.answerable(now=arrival.now) and not login_needed(session, seen) and not listed:
        return None
    match admission(session, seen, person, listed=listed, now=arrival.now):
        case Admission.GRANTED:
            return None
        case Admission.LOGIN_FIRST:
            party = partner_of(session, seen.question.asked_of)
            return asking_to_log_in(tongue, party, action=f"{arrival.visit.path}/login")
        case Admission.FOUR_EYES:
            return drawn("four_eyes", tongue, HTTPStatus.FORBIDDEN)
        case Admission.SOMEBODY_ELSES:
            return drawn("somebody_elses", tongue, HTTPStatus.FORBIDDEN, who=person.contact.name if person else "")

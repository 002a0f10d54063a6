"""My questions: those that wait for the person who has logged in and for their party, those answered, and the cases."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session

from approval_api.sitting import Person
from domain.parties.colleagues import standing_in
from domain.parties.party import Role, municipality
from domain.questions.question import FamilyAsked, QuestionKind
from domain.questions.urgency import Urgency, urgency
from domain.referrals.lifecycle import Status
from domain.working_days import day_of, last_day_of
from storage.columns import id_of
from storage.operations.scopes import OVERSEERS, READERS_OF_THE_BOOKS, Viewer, cases
from storage.parties.partners import partner_of
from storage.questions.family_asked import families_asked
from storage.questions.lists import answered_by_contact, waiting_at
from storage.questions.questions import Question

MOST_CASES = 500


class View(StrEnum):
    """Which questions are listed."""

    MINE = "mine"
    PARTY = "party"
    ANSWERED = "answered"
    CASES = "cases"


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the list. `open_at` is its address, empty when the reader may not answer it."""

    reference: str
    kind: QuestionKind
    on_behalf: bool
    who: str
    answer_by: date
    urgency: Urgency
    open_at: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in the list: its status, and since when. Its sending municipality also sees how the family is asked."""

    reference: str
    status: Status
    since: datetime
    family_asked: FamilyAsked | None = None


@dataclass(frozen=True, slots=True)
class MinePage:
    """The list, and what it is filtered by. `sees_cases` is whether the reader's role has a list of cases."""

    person: str
    party: str
    view: View
    kind: QuestionKind | None
    lines: tuple[Line, ...] = ()
    cases: tuple[CaseLine, ...] = ()
    sees_cases: bool = True
    oversees: bool = False
    reads_books: bool = False


def mine_page(session: Session, person: Person, view: View, kind: QuestionKind | None, *, now: datetime) -> MinePage:
    """The page with the chosen view, and only one kind of question when one was chosen."""
    partner, today = partner_of(session, person.party), day_of(now)
    role = person.contact.role
    page = MinePage(
        person.contact.name,
        partner.name,
        view,
        kind,
        sees_cases=role not in (Role.LETTING, Role.FINANCE),
        oversees=role in OVERSEERS,
        reads_books=role in READERS_OF_THE_BOOKS,
    )
    if view is View.CASES:
        theirs = cases(session, Viewer(person.party, role), most=MOST_CASES)
        own = [id_of(one) for one in theirs if municipality(one.sending_municipality) == person.party]
        asked = families_asked(session, own)
        return replace(
            page,
            cases=tuple(CaseLine(one.reference, one.status, one.status_since, asked.get(id_of(one))) for one in theirs),
        )
    if view is View.ANSWERED:
        found = answered_by_contact(session, person.party, person.contact.id)
    else:
        found = waiting_at(session, person.party)

    def mine(question: Question) -> bool:
        named = partner.contact(question.contact_id)
        return named is not None and person.contact.id in (named.id, standing_in(partner, named, on=today).id)

    def line(question: Question) -> Line:
        named = partner.contact(question.contact_id)
        due = last_day_of(question.answer_by)
        return Line(
            reference=question.reference,
            kind=question.kind,
            on_behalf=question.on_behalf,
            who=named.name if named else question.contact_id,
            answer_by=due,
            urgency=urgency(due, today=today),
            open_at=f"/mine/{question.id}" if mine(question) else "",
            answered_at=question.answered_at,
        )

    wanted = [one for one in found if (kind is None or one.kind is kind) and (view is not View.MINE or mine(one))]
    return replace(page, lines=tuple(map(line, wanted)))

"""What a staff member may see, by role and party: every query that shows cases to people begins here.

Nobody sees here who a family is: that is in the vault, to which no page has the keys.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, true
from sqlmodel import Session, col, select

from domain.parties.party import PartyKind, Role, is_a, party_id
from domain.questions.question import QuestionKind
from storage.questions.questions import Question
from storage.referrals.referrals import Referral


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who looks: their party, and their role there."""

    party: str
    role: Role


Scope = Callable[[str], ColumnElement[bool]]


def _sent_by(party: str) -> ColumnElement[bool]:
    """The cases that a municipality has sent."""
    is_municipality = is_a(party, PartyKind.MUNICIPALITY)
    return col(Referral.sending_municipality) == party_id(party) if is_municipality else false()


def _put_forward_to(party: str) -> ColumnElement[bool]:
    """The cases whose homes a municipality was asked to approve."""
    asked = select(Question.referral_id).where(Question.asked_of == party, Question.kind == QuestionKind.APPROVAL)
    return col(Referral.id).in_(asked)


def _overseen_by(party: str) -> ColumnElement[bool]:
    """All cases for the operator's overseers; for others, those that their municipality has sent."""
    return true() if is_a(party, PartyKind.OPERATOR) else _sent_by(party)


def _none(_party: str) -> ColumnElement[bool]:
    """Nothing: an association knows requests by its pseudonyms, and no case."""
    return false()


SCOPES: dict[Role, Scope] = {
    Role.CASEWORKER: _sent_by,
    Role.SIGN_OFF: _sent_by,
    Role.CHIEF: _sent_by,
    Role.APPROVER: _put_forward_to,
    Role.LETTING: _none,
    Role.OPERATIONS: _overseen_by,
    Role.AUDITOR: _overseen_by,
    Role.DATA_PROTECTION_OFFICER: _overseen_by,
    Role.COORDINATOR: _sent_by,
    # The books name a case by its reference; who keeps them needs no list of cases.
    Role.FINANCE: _none,
}
# The roles that see how families are protected.
OVERSEERS = frozenset({Role.AUDITOR, Role.DATA_PROTECTION_OFFICER})
# The roles that keep their party's books, and those that read them.
KEEPERS_OF_THE_BOOKS = frozenset({Role.FINANCE, Role.COORDINATOR})
READERS_OF_THE_BOOKS = KEEPERS_OF_THE_BOOKS | {Role.CHIEF}


def within(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that limits a query about referrals to those that a person may see."""
    return SCOPES[viewer.role](viewer.party)


def cases(session: Session, viewer: Viewer, *, most: int) -> list[Referral]:
    """The cases that a person may see, most recently moved first."""
    newest = select(Referral).where(within(viewer)).order_by(col(Referral.status_since).desc(), col(Referral.id).desc())
    return list(session.exec(newest.limit(most)))

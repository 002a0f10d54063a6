"""What asks a question: a case, or a matter between a party and us that is no case.

Whatever is done about questions of both kinds (asking, reminding, passing on, telling the chief) knows an `Asker` alone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlmodel import Session

from domain.parties.agreement import Step
from domain.parties.colleagues import barred_after
from domain.parties.deadlines import step_of_no_case
from domain.parties.party import Partner
from domain.questions.addressee import Addressee
from domain.questions.question import QuestionKind
from domain.subject import Subject
from domain.working_days import day_of
from storage.audit.events import write_event
from storage.outbox import MAIL_LANE, Telling, put, put_aside
from storage.parties.partners import partner_of
from storage.questions.matters import answered_first
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from tasks.case import PLATFORM, Case
from tasks.platform import Platform


class Asker(Protocol):
    """What asks, held in one transaction at a moment. `id` is the case's number; None for what is no case."""

    @property
    def platform(self) -> Platform:
        """The platform."""
        ...

    @property
    def session(self) -> Session:
        """The transaction."""
        ...

    @property
    def now(self) -> datetime:
        """The moment."""
        ...

    @property
    def id(self) -> int | None:
        """The case's row id, if it is a case."""
        ...

    @property
    def subject(self) -> Subject:
        """What an item of the attention list about it is about."""
        ...

    @property
    def reference(self) -> str:
        """Its name in staff's lists."""
        ...

    @property
    def today(self) -> date:
        """Today in Copenhagen."""
        ...

    def step(self, kind: QuestionKind) -> Step:
        """The deadlines of a kind of question."""
        ...

    def barred_from(self, kind: QuestionKind, partner: Partner) -> frozenset[str]:
        """Who of a party may not answer such a question today."""
        ...

    def party_of(self, question: Question) -> Partner:
        """The party whose people are told about a question."""
        ...

    def note(self, deed: str, *, actor: str = PLATFORM, reason: str | None = None) -> None:
        """Record a deed where it can never be changed."""
        ...

    def write(
        self, telling: Telling, *, to: Addressee, question: Question | None = None, aside: bool = False
    ) -> None:
        """Put a letter in the outbox; `aside` keeps it there until a person has it sent."""
        ...


@dataclass(frozen=True, slots=True)
class PartyMatter:
    """What is between a party and us and is no case: asked of its people alone, never of a family.

    Whoever makes one holds its subject (`storage.locks.hold_subject`). `reference` is the name by which people know it.
    `first` is the contact who has said yes before, where two must say it.
    """

    platform: Platform
    session: Session
    subject: Subject
    reference: str
    now: datetime
    flow_run_id: str | None = None
    first: str | None = None

    @property
    def id(self) -> None:
        """None: it is no case."""
        return

    @property
    def today(self) -> date:
        """Today in Copenhagen."""
        return day_of(self.now)

    def step(self, kind: QuestionKind) -> Step:
        """The deadlines of a kind of question, which no agreement says."""
        return step_of_no_case(kind, on=self.today)

    def barred_from(self, kind: QuestionKind, partner: Partner) -> frozenset[str]:  # noqa: ARG002  # as an `Asker` has it
        """Whoever said yes first, where two must say it; else nobody, because nobody flagged it."""
        return barred_after(partner, self.first, on=self.today) if self.first is not None else frozenset()

    def party_of(self, question: Question) -> Partner:
        """The party that is asked."""
        return partner_of(self.session, question.asked_of)

    def note(self, deed: str, *, actor: str = PLATFORM, reason: str | None = None) -> None:
        """Write an event for the audit chain: it has no history of its own."""
        said = {"reason": reason, "flow_run": self.flow_run_id}
        facts = {name: fact for name, fact in said.items() if fact is not None}
        write_event(self.session, deed, actor=actor, about=self.subject, at=self.now, **facts)

    def write(
        self, telling: Telling, *, to: Addressee, question: Question | None = None, aside: bool = False
    ) -> None:
        """Put a letter to a party's contact in the outbox."""
        put_it = put_aside if aside else put
        put_it(self.session, telling, to=to, lane=MAIL_LANE, now=self.now, question_id=question.id if question else None)


def asker_of(platform: Platform, session: Session, question: Question, *, flow_run_id: str | None = None) -> Asker:
    """What asks a question; the caller holds it (`storage.questions.matters.hold_matter`)."""
    now = platform.now()
    if question.referral_id is not None:
        return Case(platform, session, session.get_one(Referral, question.referral_id), now, flow_run_id)
    first = answered_first(question)
    return PartyMatter(platform, session, question.about, question.reference, now, flow_run_id, first)

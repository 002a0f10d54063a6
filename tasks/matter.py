"""What asks a question: a case, or a matter between a party and us that is no case.

Whatever is done about questions of both kinds (asking, reminding, passing on, telling a chief) takes an `Asker`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from domain.parties.agreement import Step
from domain.parties.colleagues import barred, barred_after
from domain.parties.deadlines import step_of_no_case
from domain.parties.party import Partner
from domain.questions.addressee import Addressee
from domain.questions.question import QuestionKind
from domain.subject import About, Subject
from domain.working_days import day_of
from storage.audit.events import write_event
from storage.outbox import MAIL_LANE, Telling, put, put_aside
from storage.parties.partners import partner_of
from storage.questions.questions import FAMILY, Question
from storage.referrals.referrals import Referral
from tasks.case import PLATFORM, Case
from tasks.platform import Platform


@dataclass(slots=True)
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

    def note(self, deed: str, *, actor: str = PLATFORM, reason: str | None = None) -> None:
        """Write an event for the audit chain: it has no history of its own."""
        said = {"reason": reason, "flow_run": self.flow_run_id}
        facts = {name: fact for name, fact in said.items() if fact is not None}
        write_event(self.session, deed, actor=actor, about=self.subject, at=self.now, **facts)

    def write(self, telling: Telling, *, to: Addressee, question: Question | None = None, aside: bool = False) -> None:
        """Put a letter to a party's contact in the outbox; `aside` keeps it there until a person has it sent."""
        put_it = put_aside if aside else put
        put_it(
            self.session, telling, to=to, lane=MAIL_LANE, now=self.now, question_id=question.id if question else None
        )


Asker = Case | PartyMatter


def asker_of(platform: Platform, session: Session, question: Question, *, flow_run_id: str | None = None) -> Asker:
    """What asks a question; the caller holds it (`storage.questions.matters.hold_matter`)."""
    now = platform.now()
    if question.referral_id is not None:
        return Case(platform, session, session.get_one(Referral, question.referral_id), now, flow_run_id)
    first = question.said_yes_before
    return PartyMatter(platform, session, question.about, question.reference, now, flow_run_id, first)


def known_as(asker: Asker) -> str:
    """Its name in staff's lists."""
    return asker.referral.reference if isinstance(asker, Case) else asker.reference


def listed_as(asker: Asker) -> Subject:
    """What an item of the attention list about it is about."""
    return About.REFERRAL.of(asker.referral.reference) if isinstance(asker, Case) else asker.subject


def step_for(asker: Asker, kind: QuestionKind) -> Step:
    """The deadlines of a kind of question: by the case's agreement, or by our own rule."""
    return asker.agreement.step(kind) if isinstance(asker, Case) else step_of_no_case(kind, on=asker.today)


def barred_for(asker: Asker, kind: QuestionKind, partner: Partner) -> frozenset[str]:
    """Who of a party may not answer such a question today; where it is no case, whoever has said yes first."""
    if isinstance(asker, Case):
        return barred(kind, partner, flagged_by=asker.referral.flagged_by, on=asker.today)
    return barred_after(partner, asker.first, on=asker.today) if asker.first is not None else frozenset()


def party_told(asker: Asker, question: Question) -> Partner:
    """The party whose people are told about a question: for a family's, the sending municipality."""
    if isinstance(asker, Case) and question.asked_of == FAMILY:
        return asker.sender
    return partner_of(asker.session, question.asked_of)

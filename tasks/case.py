"""One referral in one transaction, and what a deed may do with it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from domain.parties import party
from domain.parties.agreement import Agreement, Step
from domain.parties.colleagues import barred
from domain.parties.party import Partner
from domain.questions.addressee import THE_FAMILY, Addressee
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from domain.subject import About, Subject
from domain.working_days import day_of
from storage.audit.events import write_event_of_case
from storage.columns import id_of
from storage.outbox import MAIL_LANE, Telling, families_lane, put, put_aside
from storage.parties.agreements import agreement_of
from storage.parties.partners import partner_of
from storage.questions.questions import FAMILY, Question
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral, move, rest
from storage.vacancies.offers import Offer
from tasks.platform import Platform

PLATFORM = "platform"
LETTERS = "letters"


@dataclass(slots=True)
class Case:
    """A locked referral, at a moment, within a flow run."""

    platform: Platform
    session: Session
    referral: Referral
    now: datetime
    flow_run_id: str | None = None

    @property
    def id(self) -> int:
        """The referral's row id."""
        return id_of(self.referral)

    @property
    def reference(self) -> str:
        """The case's name in staff's lists."""
        return self.referral.reference

    @property
    def subject(self) -> Subject:
        """What an item of the attention list about the case is about."""
        return About.REFERRAL.of(self.referral.reference)

    @property
    def agreement(self) -> Agreement:
        """The agreement in the version the referral started on."""
        return agreement_of(self.session, self.referral.agreement_version_id)

    @property
    def today(self) -> date:
        """Today in Copenhagen."""
        return day_of(self.now)

    @property
    def sender(self) -> Partner:
        """The sending municipality."""
        return partner_of(self.session, party.municipality(self.referral.sending_municipality))

    @property
    def caseworker(self) -> Addressee:
        """Whoever flagged the family at the sending municipality."""
        return Addressee(self.sender.party, self.referral.flagged_by)

    def step(self, kind: QuestionKind) -> Step:
        """The deadlines of a kind of question, by its agreement."""
        return self.agreement.step(kind)

    def barred_from(self, kind: QuestionKind, partner: Partner) -> frozenset[str]:
        """Who of a party may not answer such a question about this case today."""
        return barred(kind, partner, flagged_by=self.referral.flagged_by, on=self.today)

    def party_of(self, question: Question) -> Partner:
        """The party whose people are told about a question: a family's is the sending municipality."""
        return self.sender if question.asked_of == FAMILY else partner_of(self.session, question.asked_of)

    def move(
        self,
        to: Status,
        *,
        deed: str,
        actor: str = PLATFORM,
        reason: str | None = None,
        due_at: datetime | None = None,
        disclosure_due_at: datetime | None = None,
    ) -> None:
        """Move the referral and write the line of history that says so."""
        was, disclosed = self.referral.status, disclosure_due_at
        move(self.session, self.referral, to, now=self.now, due_at=due_at, disclosure_due_at=disclosed)
        self.note(deed, actor=actor, reason=reason, was=was, to=to)

    def note(
        self,
        deed: str,
        *,
        actor: str = PLATFORM,
        reason: str | None = None,
        was: Status | None = None,
        to: Status | None = None,
    ) -> None:
        """Append a line of history."""
        write_history(
            self.session,
            self.id,
            at=self.now,
            actor=actor,
            deed=deed,
            from_status=was,
            to_status=to,
            reason=reason,
            flow_run_id=self.flow_run_id,
        )

    def record(self, deed: str, *, actor: str = PLATFORM, **facts: str) -> None:
        """Record for the audit chain a deed that has no append-only row of its own."""
        write_event_of_case(self.session, deed, actor=actor, referral_id=self.id, at=self.now, **facts)

    def rest(self, until: datetime | None = None) -> None:
        """Leave the referral where it is: until somebody answers, or until a moment."""
        rest(self.session, self.referral, until)

    def pseudonym_for(self, association: str) -> str:
        """The name under which an association knows this case."""
        return self.referral.pseudonym_for(association, key=self.platform.pseudonym_key)

    def write(
        self,
        telling: Telling,
        *,
        to: Addressee,
        question: Question | None = None,
        offer: Offer | None = None,
        aside: bool = False,
    ) -> None:
        """Put a letter in the outbox; `aside` keeps it there until a person has it sent."""
        offer_id = offer.id if offer else question.offer_id if question else None
        about = {"question_id": question.id if question else None, "offer_id": offer_id}
        lane = families_lane(self.sender.party) if to == THE_FAMILY else MAIL_LANE
        put_it = put_aside if aside else put
        put_it(self.session, telling, to=to, lane=lane, now=self.now, referral_id=self.id, **about)

    def call(
        self, telling: Telling, *, addressee: str, offer: Offer | None = None, entry_id: int | None = None
    ) -> None:
        """Put a call to a partner's system in the outbox."""
        about = {"offer_id": offer.id if offer else None, "entry_id": entry_id}
        put(self.session, telling, to=addressee, lane=addressee, now=self.now, referral_id=self.id, **about)

"""One referral in one transaction, with what a deed may do to it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from domain.anonymity.request import period_of, pseudonym
from domain.parties import party
from domain.parties.addressee import THE_FAMILY, Addressee
from domain.parties.agreement import Agreement
from domain.parties.party import Partner
from domain.questions.question import SIDE_OF, Answer, QuestionKind, Standing, decline_reason
from domain.referrals.lifecycle import NO_ANSWER, DeclineReason, Effect, Status
from domain.subject import About
from domain.working_days import day_of
from storage.attention import ask_for_attention
from storage.audit.events import write_event
from storage.columns import id_of
from storage.outbox import MAIL_LANE, Telling, families_lane, put, put_aside
from storage.parties.parties import agreement_of, partner
from storage.privacy.disclosures import recall
from storage.questions.lists import open_questions
from storage.questions.questions import FAMILY, Question, forget_passed, revoke, suggested
from storage.referrals.referrals import Referral, exclude, move, rest, write_history
from storage.vacancies.vacancies import Offer, dwelling, let_go
from tasks.platform import Platform

PLATFORM = "platform"
LETTERS = "letters"
REASSESS_WITHIN = timedelta(days=90)


@dataclass(slots=True)
class Case:
    """A referral whose row is locked, at a moment, within a flow run."""

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
    def agreement(self) -> Agreement:
        """The agreement in the version the referral started on."""
        return agreement_of(self.session, self.referral.agreement_version_id)

    @property
    def today(self) -> date:
        """The day, as people here count it."""
        return day_of(self.now)

    @property
    def sender(self) -> Partner:
        """The sending municipality."""
        return partner(self.session, party.municipality(self.referral.sending_municipality))

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
        """Write down, for the audit chain, what has no append-only row of its own."""
        write_event(self.session, deed, actor=actor, about=About.REFERRAL.of(self.id), at=self.now, **facts)

    def rest(self, until: datetime | None = None) -> None:
        """Leave the referral where it is: until somebody answers, or until a moment."""
        rest(self.session, self.referral, until)

    def pseudonym_for(self, association: str) -> str:
        """The name under which an association knows this case."""
        return pseudonym(
            self.platform.pseudonym_key,
            recipient=association,
            period=period_of(self.referral.received_at.date()),
            case_key=self.referral.case_key,
        )

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

    def call(self, telling: Telling, *, at: str, offer: Offer | None = None, entry_id: int | None = None) -> None:
        """Put a call to a partner's system in the outbox."""
        about = {"offer_id": offer.id if offer else None, "entry_id": entry_id}
        put(self.session, telling, to=at, lane=at, now=self.now, referral_id=self.id, **about)

    def revoke_questions(self, kinds: tuple[QuestionKind, ...] = tuple(QuestionKind)) -> None:
        """Close what still waits for an answer; associations are told that the request is recalled."""
        forget_passed(self.session, self.id, kinds, now=self.now)
        for question in open_questions(self.session, self.id, kinds):
            revoke(self.session, question, now=self.now)
            if question.kind is QuestionKind.OFFER:
                self.write(Telling.REQUEST_RECALLED, to=question.addressee, question=question)

    def release_home(self, offer: Offer) -> None:
        """Let go of the home, have the association told, and recall what was disclosed."""
        let_go(self.session, offer, now=self.now)
        at = party.association(dwelling(self.session, offer.vacancy_id).association)
        for told in recall(self.session, id_of(offer), now=self.now):
            self.record("disclosure_recalled", to=told)
        self.call(Telling.RELEASE, at=at, offer=offer)

    def decline(self, question: Question, reason: DeclineReason, *, homes: tuple[int, ...]) -> None:
        """Let a no have its effect on the search that follows."""
        declined = [dwelling(self.session, home) for home in homes]
        match reason.effect:
            case Effect.EXCLUDE_HOME:
                for home in declined:
                    exclude(self.session, self.id, Effect.EXCLUDE_HOME, str(home.vacancy_id))
            case Effect.EXCLUDE_ASSOCIATION:
                association = declined[0].association if declined else party.party_id(question.asked_of)
                exclude(self.session, self.id, Effect.EXCLUDE_ASSOCIATION, association)
            case Effect.EXCLUDE_MUNICIPALITY:
                for code in {home.municipality for home in declined}:
                    exclude(self.session, self.id, Effect.EXCLUDE_MUNICIPALITY, code)
            case Effect.PARK:
                self.referral.parked_until = self.now + timedelta(days=reason.park_days)
            case Effect.REASSESS:
                self.referral.parked_until = self.now + REASSESS_WITHIN
                subject = About.REFERRAL.of(self.referral.reference)
                ask_for_attention(
                    self.session, subject, "reassess", now=self.now, detail=reason.code, referral_id=self.id
                )
            case Effect.NONE | Effect.CLOSE:
                pass

    def back_to_seeking(self, question: Question, offer: Offer, reason: DeclineReason) -> None:
        """A no after the home was put forward: release it and search again."""
        self.release_home(offer)
        self.decline(question, reason, homes=(offer.vacancy_id,))
        self.move(
            Status.SEEKING,
            deed=f"declined_{question.kind}",
            actor=actor_of(question),
            reason=reason.code,
            due_at=self.now,
        )


def actor_of(question: Question) -> str:
    """Who answered, or that nobody did."""
    if question.standing is Standing.OVERDUE:
        return PLATFORM
    return str(question.addressee if question.asked_of == FAMILY else question.answerer)


def why_not(question: Question) -> DeclineReason | None:
    """The reason of a no or a silence; None for a yes."""
    if question.standing is Standing.OVERDUE:
        return NO_ANSWER[SIDE_OF[question.kind]]
    return decline_reason(question.reply) if question.answer is Answer.NO else None


def suggested_homes(case: Case, question: Question) -> tuple[int, ...]:
    """The homes a question suggested."""
    return tuple(suggested(case.session, id_of(question)))

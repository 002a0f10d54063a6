"""Claims are put to the municipality that pays, to one person and after a yes to a second one, and then booked."""

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from domain.books.claims import ClaimAnswer, ClaimNo, ClaimStanding
from domain.errors import NeedsPerson, TilflytError
from domain.parties.party import Partner, Role
from domain.questions.addressee import Addressee
from domain.questions.question import Answer, QuestionKind
from domain.subject import About, Subject
from storage.attention import ask_for_attention, close_subject
from storage.books.claims import Claim, answers_to_claim, claims_that_wait, standing_of_claim
from storage.books.guarantees import claim_called, claim_name, guaranteed_by
from storage.locks import hold_case, hold_subject
from storage.outbox import Telling
from storage.parties.partners import partner_of
from storage.questions.claims import waits_for_answer
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from storage.staff.claims import decide
from tasks.asking.asking import Matter, ask_party
from tasks.case import PLATFORM
from tasks.matter import PartyMatter
from tasks.platform import Platform

# Which question a claim waits for, by where it rests.
ASKED_BY_THEN = {ClaimStanding.MADE: QuestionKind.CLAIM, ClaimStanding.CONFIRMED: QuestionKind.CLAIM_SECOND}
# Whom a claimant's answer is written to: the first of these that it names.
TOLD = (Role.FINANCE, Role.COORDINATOR, Role.LETTING, Role.CHIEF)


def ask_about_claims(platform: Platform, *, flow_run_id: str | None = None) -> tuple[str, ...]:
    """Put every claim that waits for an answer, and about which nobody is asked yet, to who answers it."""
    with platform.database.reading() as session:
        waiting = [
            name
            for name in (claim_name(session, one) for one in claims_that_wait(session))
            if not waits_for_answer(session, About.CLAIM.of(name))
        ]
    return tuple(name for name in waiting if _tried_to_ask(platform, name, flow_run_id))


def _tried_to_ask(platform: Platform, name: str, flow_run_id: str | None) -> bool:
    """Ask about one claim; where nobody can be asked a person is needed, and no other claim is delayed."""
    about = About.CLAIM.of(name)
    try:
        with platform.database.writing() as session:
            claim = claim_called(session, name)
            if claim is None or not _ask(_matter(platform, session, claim, about, flow_run_id), claim):
                return False
            close_subject(session, about, now=platform.now(), by=PLATFORM, codes=("claim_asks_nobody",))
            return True
    except (TilflytError, SQLAlchemyError) as error:
        why = str(error) if isinstance(error, NeedsPerson) else type(error).__name__
    with platform.database.writing() as session:
        ask_for_attention(session, about, "claim_asks_nobody", now=platform.now(), detail=why)
    return False


def _matter(platform: Platform, session: Session, claim: Claim, about: Subject, flow_run_id: str | None) -> PartyMatter:
    """A claim as what is asked about, held with its case."""
    hold_case(session, claim.referral_id)
    hold_subject(session, str(about))
    reference = session.get_one(Referral, claim.referral_id).reference
    return PartyMatter(platform, session, about, reference, platform.now(), flow_run_id, first=_first(session, claim))


def _first(session: Session, claim: Claim) -> str | None:
    """The contact who has said yes already."""
    answers = answers_to_claim(session, claim)
    return Addressee.read(answers[0].answered_by).contact_id if answers else None


def _ask(matter: PartyMatter, claim: Claim) -> bool:
    session, kind = matter.session, ASKED_BY_THEN.get(standing_of_claim(matter.session, claim))
    if kind is None or waits_for_answer(session, matter.subject):
        return False
    payer = partner_of(session, guaranteed_by(session, claim).payer_of(claim.claimed))
    ask_party(matter, kind, payer, Matter(matter.reference, request={"first": matter.first}))
    return True


def hear_claim(matter: PartyMatter, question: Question) -> None:
    """A person has answered: after a first yes a second one is asked, and after that the claimant is told."""
    session, claim = matter.session, claim_called(matter.session, matter.subject.name or "")
    if claim is None or ASKED_BY_THEN.get(standing_of_claim(session, claim)) is not question.kind:
        return  # It was withdrawn meanwhile.
    reason = ClaimNo(question.reason or "") if question.answer is Answer.NO else None
    told_key = matter.platform.vault.told_key(now=matter.now)
    answer = ClaimAnswer.YES if question.answer is Answer.YES else ClaimAnswer.NO
    standing = decide(session, claim, answer, reason, by=question.answerer, told_key=told_key, now=matter.now)
    matter.note(f"claim_{standing}", actor=str(question.answerer), reason=reason)
    if standing is not ClaimStanding.CONFIRMED:
        _tell_claimant(matter, claim, question)


def _tell_claimant(matter: PartyMatter, claim: Claim, question: Question) -> None:
    contact = _told(partner_of(matter.session, claim.claimant))
    if contact is not None:
        matter.write(Telling.CLAIM_ANSWERED, to=Addressee(claim.claimant, contact), question=question)


def _told(partner: Partner) -> str | None:
    """Who of a claimant is told; None for a party without people."""
    named = next(filter(None, map(partner.first, TOLD)), None) or partner.keeper
    return named.id if named else None

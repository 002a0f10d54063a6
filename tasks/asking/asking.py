"""To ask a person, and to ask another in their place."""

from dataclasses import dataclass, replace

from domain.errors import NeedsPerson
from domain.parties.addressee import THE_FAMILY, Addressee
from domain.parties.colleagues import ANSWERED_BY, barred, standing_in
from domain.parties.party import Contact, Partner
from domain.questions.deadlines import times_of
from domain.questions.digits import LETTERS_ANEW, link_digits
from domain.questions.question import PassedOnBy, QuestionKind, link_token, token_hash
from domain.referrals.household import FamilyAnswersBy
from domain.subject import About
from domain.working_days import end_of_working_day
from storage.attention import ask_for_attention
from storage.columns import id_of
from storage.outbox import Telling
from storage.parties.parties import partner
from storage.questions.links import times_guessed
from storage.questions.questions import FAMILY, Question, open_question, ripe, settle, suggested
from storage.vacancies.vacancies import Offer
from tasks.case import PLATFORM, Case
from tasks.platform import Platform

STAFF = "integration-staff"
DEEDS = {
    PassedOnBy.ADDRESSEE: "passed_on",
    PassedOnBy.DEPUTY_RULE: "deputised",
    PassedOnBy.STAFF: "reassigned",
    PassedOnBy.WRONG_DIGITS: "sent_anew",
    PassedOnBy.PROTECTION: "asked_through_caseworker",
    PassedOnBy.LEFT: "left",
}


@dataclass(frozen=True, slots=True)
class Matter:
    """What a question is about: the name under which its reader knows the case, and what they may see of it."""

    reference: str
    offer: Offer | None = None
    request: dict[str, object] | None = None
    homes: tuple[int, ...] = ()
    deputy_for: str | None = None


def ask_party(case: Case, kind: QuestionKind, at: Partner, matter: Matter) -> Question:
    """Ask whoever answers such a question at a party; `NeedsPerson` when it names nobody."""
    out = _barred(case, kind, at)
    contact = at.first(ANSWERED_BY[kind], barred=out)
    if contact is None:
        raise NeedsPerson(f"{at.party} names nobody as {ANSWERED_BY[kind]}")
    return ask_contact(case, kind, at, contact.id, matter)


def ask_contact(case: Case, kind: QuestionKind, at: Partner, contact_id: str, matter: Matter) -> Question:
    """Ask somebody at a party, or their deputy while they are away."""
    named = at.contact(contact_id)
    if named is None:
        raise NeedsPerson(f"{at.party} no longer names {contact_id}")
    contact = at_work(case, kind, at, named)
    if contact.id != named.id:
        matter = replace(matter, deputy_for=named.id)
        both = f"{Addressee(at.party, named.id)} → {Addressee(at.party, contact.id)}"
        case.note(f"{DEEDS[PassedOnBy.DEPUTY_RULE]}_{kind}", reason=both)
    return _ask(case, kind, Addressee(at.party, contact.id), matter)


def ask_family(case: Case, matter: Matter) -> Question:
    """Ask the family itself, by letter."""
    return _ask(case, QuestionKind.ACCEPTANCE, THE_FAMILY, matter)


def at_work(case: Case, kind: QuestionKind, at: Partner, named: Contact) -> Contact:
    """Who answers for somebody today; another with the same part when four eyes bar their deputy."""
    contact, out = standing_in(at, named, on=case.today), _barred(case, kind, at)
    if contact.id not in out:
        return contact
    other = at.first(named.role, barred=out | {named.id})
    if other is None:
        raise NeedsPerson(f"{at.party} has nobody else as {named.role} while {named.id} is away")
    return other


def _barred(case: Case, kind: QuestionKind, at: Partner) -> frozenset[str]:
    return barred(kind, at, flagged_by=case.referral.flagged_by, on=case.today)


def _ask(case: Case, kind: QuestionKind, addressee: Addressee, matter: Matter) -> Question:
    times = times_of(case.agreement.step(kind), asked_at=case.now, holidays=case.platform.holidays)
    question = Question(
        referral_id=case.id,
        kind=kind,
        asked_of=addressee.party,
        contact_id=addressee.contact_id,
        reference=matter.reference,
        request=matter.request,
        offer_id=matter.offer.id if matter.offer else None,
        token_hash="",
        asked_at=case.now,
        remind_at=times.remind_at,
        answer_by=times.answer_by,
        expires_at=times.expires_at,
        deputy_for=matter.deputy_for,
    )
    return _open(case, question, matter.homes)


def _open(case: Case, question: Question, homes: tuple[int, ...], *, aside: bool = False) -> Question:
    """Write a question down and put its letter in the outbox; `aside` until a person has it sent."""
    question.token_hash = token_hash(token_of(case.platform, question))
    open_question(case.session, question, homes=homes)
    case.note(f"asked_{question.kind}", reason=str(question.addressee))
    case.write(Telling(f"{question.kind}_requested"), to=question.addressee, question=question, aside=aside)
    return question


def ripe_questions(case: Case, kind: QuestionKind) -> list[Question]:
    """The answers and silences to act on; each is settled by being read here.

    Where a question was passed on, the colleague is asked, and after too many wrong digits the same person again.
    """
    questions = ripe(case.session, case.id, kind)
    settle(case.session, questions, now=case.now)
    for question in questions:
        if question.passed_to is not None and question.passed_by is not None:
            _ask_instead(case, question, question.passed_to, question.passed_by)
    return [question for question in questions if question.passed_to is None]


def _ask_instead(case: Case, question: Question, contact_id: str, by: PassedOnBy) -> None:
    """Ask a colleague what another was asked, or the same person by another link."""
    instead = _anew(case, question, contact_id)
    instead.deputy_for = question.contact_id if by is PassedOnBy.DEPUTY_RULE else None
    actor = {PassedOnBy.ADDRESSEE: str(question.answerer), PassedOnBy.STAFF: STAFF}.get(by, PLATFORM)
    case.note(f"{DEEDS[by]}_{question.kind}", actor=actor, reason=f"{question.addressee} → {instead.addressee}")
    guessed = by is PassedOnBy.WRONG_DIGITS and times_guessed(case.session, question) > LETTERS_ANEW
    if by in (PassedOnBy.WRONG_DIGITS, PassedOnBy.PROTECTION, PassedOnBy.LEFT) and not guessed:
        _leave_a_day(case, instead)
    _open(case, instead, tuple(suggested(case.session, id_of(question))), aside=guessed)
    if guessed:
        # A program that tries digits in each letter that it gets would be sent letters without end.
        detail = f"{question.kind}: {question.addressee}"
        subject = About.QUESTION.of(id_of(instead))
        ask_for_attention(case.session, subject, "digits_guessed", now=case.now, detail=detail, referral_id=case.id)


def ask_again(case: Case, question: Question) -> None:
    """Ask the same person anew what they have answered and taken back."""
    anew = _anew(case, question, question.contact_id)
    anew.deputy_for = question.deputy_for if anew.contact_id == question.contact_id else None
    _leave_a_day(case, anew)
    _open(case, anew, ())


def _leave_a_day(case: Case, question: Question) -> None:
    """Whoever is asked anew has until the end of the next working day at least; their chief may be told then."""
    a_day_later = end_of_working_day(case.now, 1, case.platform.holidays)
    if question.answer_by < a_day_later:
        question.answer_by, question.escalated_at = a_day_later, None
    question.expires_at = max(question.expires_at, a_day_later)


def _anew(case: Case, question: Question, contact_id: str) -> Question:
    """The same question with the same deadline and another link; a protected family's goes to its caseworker."""
    asked_of = question.asked_of
    if asked_of == FAMILY and case.referral.answers_by is FamilyAnswersBy.CASEWORKER:
        asked_of, contact_id = case.sender.party, case.referral.flagged_by
    if asked_of != FAMILY:
        contact_id = _there_still(case, question, partner(case.session, asked_of), contact_id)
    return Question(
        **question.model_dump(include={"referral_id", "kind", "reference", "request", "offer_id"}),
        asked_of=asked_of,
        contact_id=contact_id,
        token_hash="",
        asked_at=case.now,
        remind_at=max(question.remind_at, end_of_working_day(case.now, 1, case.platform.holidays)),
        answer_by=question.answer_by,
        expires_at=question.expires_at,
        # A chief who knows of the silence is not told of it anew.
        escalated_at=question.escalated_at,
    )


def _there_still(case: Case, question: Question, at: Partner, contact_id: str) -> str:
    """A contact of a party, or another with the same part: what else was answered must not wait for who has left."""
    out = _barred(case, question.kind, at)
    if at.contact(contact_id) is not None and contact_id not in out:
        return contact_id
    other = at.first(ANSWERED_BY[question.kind], barred=out)
    if other is None:
        raise NeedsPerson(f"{at.party}: nobody can be asked in the place of {question.contact_id}")
    return other.id


def token_of(platform: Platform, question: Question) -> str:
    """The token of a question's link, derived anew whenever its letter is written."""
    return link_token(
        platform.link_key, question_key=question.key, version=question.version, addressee=question.addressee
    )


def digits_of(platform: Platform, question: Question) -> str:
    """The four digits that stand beside a question's link in its letter."""
    return link_digits(question.key, token_of(platform, question))

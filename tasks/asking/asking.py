"""Asks a person, by a question and its letter."""

from dataclasses import dataclass, replace

from domain.errors import NeedsPerson
from domain.parties.colleagues import roles_for, standing_in, who_answers
from domain.parties.deadlines import times_of
from domain.parties.party import Contact, Partner
from domain.questions.addressee import THE_FAMILY, Addressee
from domain.questions.question import PassedOnBy, QuestionKind, token_hash
from storage.outbox import Telling
from storage.questions.questions import Question, open_question
from storage.vacancies.offers import Offer
from tasks.asking.links import token_of
from tasks.matter import Asker

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
    """What a question is about: the name by which its reader knows it, and what they may see of it."""

    reference: str
    offer: Offer | None = None
    request: dict[str, object] | None = None
    homes: tuple[int, ...] = ()
    deputy_for: str | None = None


def ask_party(case: Asker, kind: QuestionKind, partner: Partner, matter: Matter) -> Question:
    """Ask the contact who answers such questions at a party; `NeedsPerson` when the party names nobody."""
    contact = who_answers(kind, partner, barred=case.barred_from(kind, partner))
    if contact is None:
        raise NeedsPerson(f"{partner.party} names nobody as {' or '.join(roles_for(kind))}")
    return ask_contact(case, kind, partner, contact.id, matter)


def ask_contact(case: Asker, kind: QuestionKind, partner: Partner, contact_id: str, matter: Matter) -> Question:
    """Ask somebody at a party, or their deputy while they are away."""
    named = partner.contact(contact_id)
    if named is None:
        raise NeedsPerson(f"{partner.party} no longer names {contact_id}")
    contact = at_work(case, kind, partner, named)
    if contact.id != named.id:
        matter = replace(matter, deputy_for=named.id)
        both = f"{Addressee(partner.party, named.id)} → {Addressee(partner.party, contact.id)}"
        case.note(f"{DEEDS[PassedOnBy.DEPUTY_RULE]}_{kind}", reason=both)
    return _ask(case, kind, Addressee(partner.party, contact.id), matter)


def ask_family(case: Asker, matter: Matter) -> Question:
    """Ask the family itself, by letter."""
    return _ask(case, QuestionKind.ACCEPTANCE, THE_FAMILY, matter)


def at_work(case: Asker, kind: QuestionKind, partner: Partner, named: Contact) -> Contact:
    """Who answers for a contact today; a colleague with the same role when four eyes bar the deputy."""
    contact, out = standing_in(partner, named, on=case.today), case.barred_from(kind, partner)
    if contact.id not in out:
        return contact
    other = partner.first(named.role, barred=out | {named.id})
    if other is None:
        raise NeedsPerson(f"{partner.party} has nobody else as {named.role} while {named.id} is away")
    return other


def _ask(case: Asker, kind: QuestionKind, addressee: Addressee, matter: Matter) -> Question:
    times = times_of(case.step(kind), asked_at=case.now, holidays=case.platform.holidays)
    question = Question(
        referral_id=case.id,
        subject=None if case.id is not None else str(case.subject),
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
    return open_and_tell(case, question, matter.homes)


def open_and_tell(case: Asker, question: Question, homes: tuple[int, ...], *, aside: bool = False) -> Question:
    """Write a question and put its letter in the outbox; with `aside` the letter waits until a person has it sent."""
    question.token_hash = token_hash(token_of(case.platform, question))
    open_question(case.session, question, homes=homes)
    case.note(f"asked_{question.kind}", reason=str(question.addressee))
    case.write(Telling(f"{question.kind}_requested"), to=question.addressee, question=question, aside=aside)
    return question

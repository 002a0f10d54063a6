"""What a returned message is about: the letter, the question and the case that it names."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from domain.questions.question import Standing
from domain.questions.returned_mail import ReturnedMail, Said
from storage.outbox import OutboxRow
from storage.parties.partners import partner_of, partners
from storage.questions.questions import FAMILY, Question

PSEUDONYM = "B-"


@dataclass(frozen=True, slots=True)
class MailMatter:
    """The question, case and letter that a message names, as far as it does, and to whom the letter was sent.

    `written_to` is empty when a message names only the case.
    """

    question: Question | None
    referral_id: int | None
    written_to: str = ""
    letter: OutboxRow | None = None


def matter_of(session: Session, mail: ReturnedMail) -> MailMatter | None:
    """What a message is about; None when it names nothing of ours.

    A letter's key cannot be guessed, but a case's name can: a case's name in a subject counts only when the message is
    from, or about, the address that was written to.
    """
    return _by_letter(session, mail) or _by_subject(session, mail)


def _by_letter(session: Session, mail: ReturnedMail) -> MailMatter | None:
    rows = {row.key: row for row in session.exec(select(OutboxRow).where(col(OutboxRow.key).in_(mail.letters)))}
    row = next((rows[key] for key in mail.letters if key in rows), None)
    if row is None:
        return None
    question = session.get(Question, row.question_id) if row.question_id else None
    return MailMatter(question, question.referral_id if question else row.referral_id, row.addressee, row)


def _by_subject(session: Session, mail: ReturnedMail) -> MailMatter | None:
    about = list(_questions_called(session, mail))
    for question in about:
        if _is_from_or_about(session, question, mail):
            return MailMatter(question, question.referral_id, str(question.addressee))
    if mail.said is not Said.REPLIED or not about:
        return None
    # Another person of that party wrote. Only an association knows its own pseudonym for a case.
    if about[0].reference.startswith(PSEUDONYM) or is_contact(session, mail):
        return MailMatter(None, about[0].referral_id)
    return None


def _questions_called(session: Session, mail: ReturnedMail) -> Iterator[Question]:
    """The questions of the cases that a subject names: open ones first, then the newest."""
    query = select(Question).where(col(Question.reference).in_(mail.references))
    if mail.said is not Said.REPLIED:
        query = query.where(Question.standing == Standing.OPEN)
    found = session.exec(query.order_by(col(Question.id).desc())).all()
    return iter(sorted(found, key=lambda question: question.standing is not Standing.OPEN))


def _is_from_or_about(session: Session, question: Question, mail: ReturnedMail) -> bool:
    """Whether a message is from or about the person asked, or from their party's domain but from no other contact.

    Only domains that the party alone gives out count: at a mail host, anybody may have an address in the same domain.
    """
    if question.asked_of == FAMILY:
        return False  # a family's address is in the vault
    partner = partner_of(session, question.asked_of)
    asked = partner.contact(question.contact_id)
    if asked is None:
        return False
    email = asked.email.lower()
    if email in mail.addresses:
        return True
    others = {one.email.lower() for one in partner.contacts}
    return mail.said is not Said.BOUNCED and any(map(partner.gives_out, mail.addresses - others))


def is_contact(session: Session, mail: ReturnedMail) -> bool:
    """Whether a message is from a contact of any party."""
    return any(one.email.lower() in mail.addresses for partner in partners(session) for one in partner.contacts)

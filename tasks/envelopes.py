"""A letter in its envelope: a message for the mail server, or one for a municipality's own letter system."""

import hashlib
import hmac
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from sqlmodel import Session

from domain import letters
from domain.errors import NeedsPerson
from domain.household import Language
from domain.mail_address import as_sent_to
from domain.ports import FamilyLetter
from storage.outbox import OutboxRow
from storage.parties import partner
from storage.questions import FAMILY, Question
from storage.referrals import Referral
from storage.vault import Door
from tasks.platform import Platform
from tasks.writing import Facts, letter_worth_sending
from templates import letter as rendered

# The parts of `EmailMessage` parse every header they are given; a letter would cost five times as much.
READABLE = Charset("utf-8")
READABLE.body_encoding = QP
COMPACT = Charset("utf-8")
COMPACT.header_encoding = COMPACT.body_encoding = BASE64


def envelope(platform: Platform, session: Session, row: OutboxRow) -> Message | None:
    """The letter of an outbox row, addressed; None when its question no longer waits for an answer.

    Addressing a family opens the vault, and writes that down in the session.
    """
    referral = session.get_one(Referral, row.referral_id) if row.referral_id else None
    question = session.get(Question, row.question_id) if row.question_id else None
    facts = Facts(platform, session, row, referral, question)
    letter = letter_worth_sending(facts)
    if letter is None:
        return None
    address, language = _addressed(facts)
    return _message(facts, letter, address, language)


def family_letter(platform: Platform, session: Session, row: OutboxRow) -> FamilyLetter | None:
    """The letter of an outbox row for a municipality's own letter system; None when nobody waits for an answer.

    It opens the vault, and writes that down in the session.
    """
    referral = session.get_one(Referral, row.referral_id)
    question = session.get(Question, row.question_id) if row.question_id else None
    facts = Facts(platform, session, row, referral, question)
    letter = letter_worth_sending(facts)
    if letter is None:
        return None
    identity = platform.vault.open(
        session,
        referral.case_key,
        Door.ADDRESS_FAMILY,
        reference=referral.reference,
        opened_for=row.lane,
        now=platform.now(),
    )
    text = rendered(letter, referral.language)
    return FamilyLetter(
        cpr=identity.cpr,
        name=identity.adult_name,
        address=identity.address,
        subject=text.subject,
        text=text.text,
        html=text.html,
        language=referral.language,
    )


def _addressed(facts: Facts) -> tuple[str, Language]:
    """Where the letter goes and what its reader reads."""
    if facts.row.addressee == FAMILY:
        if not facts.platform.may_email_families:
            raise NeedsPerson("a family is written to through Digital Post or on paper: name a letter system")
        identity = facts.platform.vault.open(
            facts.session,
            facts.referral.case_key,
            Door.ADDRESS_FAMILY,
            reference=facts.referral.reference,
            opened_for="mail",
            now=facts.platform.now(),
        )
        if identity.address_protection:
            raise NeedsPerson("a family whose address is protected gets no e-mail: name a letter system, or call")
        if not identity.email:
            raise NeedsPerson("a family without an e-mail address gets none: name a letter system, or call")
        return identity.email, facts.referral.language
    of, _, contact_id = facts.row.addressee.rpartition("/")
    contact = partner(facts.session, of).contact(contact_id)
    if contact is None:
        raise LookupError(f"{of} no longer names {contact_id}")
    return contact.email, contact.language


def _message(facts: Facts, letter: letters.Letter, address: str, language: Language) -> Message:
    platform, row = facts.platform, facts.row
    mail_from = as_sent_to(platform.mail_from)
    at_domain = mail_from.partition("@")[2]
    text = rendered(letter, language)
    message = MIMEMultipart("alternative", boundary=row.key)
    message["From"] = formataddr(("Tilflytterstyring", mail_from))
    message["To"] = as_sent_to(address)
    message["Subject"] = text.subject if text.subject.isascii() else Header(text.subject, COMPACT).encode()
    message["Date"] = format_datetime(row.created_at)
    message["Message-ID"] = f"<{row.key}@{at_domain}>"
    # One conversation a case and reader: associations must not be able to join theirs by it.
    matter = letter.reference or letter.template()
    thread = hmac.digest(platform.link_key, f"thread|{matter}|{row.addressee}".encode(), hashlib.sha256)
    message["References"] = message["In-Reply-To"] = f"<{thread.hex()[:32]}@{at_domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    message.attach(MIMEText(text.text, "plain", READABLE))  # type: ignore[arg-type]  # typeshed knows names only
    message.attach(MIMEText(text.html, "html", COMPACT))  # type: ignore[arg-type]  # typeshed knows names only
    return message

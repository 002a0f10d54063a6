"""Turns a letter into a message for the mail server. Letters to families are in tasks/delivery/family_letters.py."""

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
from domain.questions.addressee import Addressee
from domain.questions.returned_mail import second_id
from domain.referrals.household import Language
from domain.text.mail_address import as_sent_to
from storage.outbox import OutboxRow
from storage.parties.partners import partner_of
from tasks.delivery.letter_facts import Facts, facts_of
from tasks.delivery.letters import letter_worth_sending
from tasks.platform import Platform
from templates import letter as rendered

# Not `EmailMessage`, which parses every header it is given: a letter would cost five times as much.
READABLE = Charset("utf-8")
READABLE.body_encoding = QP
COMPACT = Charset("utf-8")
COMPACT.header_encoding = COMPACT.body_encoding = BASE64


def envelope(platform: Platform, session: Session, row: OutboxRow) -> Message | None:
    """The message of an outbox row to a staff member; None when its question no longer waits for an answer."""
    facts = facts_of(platform, session, row)
    letter = letter_worth_sending(facts)
    if letter is None:
        return None
    to = Addressee.read(row.addressee)
    contact = partner_of(session, to.party).contact(to.contact_id)
    if contact is None:
        raise NeedsPerson(f"{to.party} no longer names {to.contact_id}")
    return message(facts, letter, contact.email, contact.language)


def _says_who_wrote(letter: letters.Letter) -> dict[str, str]:
    """Headers for programs that answer automatically (RFC 3834; Exchange has a header of its own).

    A letter that asks a question invites automatic answers: an absence has the chief told at once. The other letters
    want none. Delivery reports are always wanted, so nothing suppresses them.
    """
    if isinstance(letter, letters.Asked) and not isinstance(letter, letters.AnswerOnPage):
        return {}
    by_itself = "auto-replied" if isinstance(letter, letters.AnswerOnPage) else "auto-generated"
    return {"Auto-Submitted": by_itself, "X-Auto-Response-Suppress": "OOF, AutoReply"}


def message(facts: Facts, letter: letters.Letter, address: str, language: Language) -> Message:
    """A letter as a mail."""
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
    # One mail thread for each case and reader: associations must not be able to join their cases by it.
    matter = letter.reference or letter.template()
    thread = hmac.digest(platform.link_key, f"thread|{matter}|{row.addressee}".encode(), hashlib.sha256)
    message["In-Reply-To"] = f"<{thread.hex()[:32]}@{at_domain}>"
    # A relay may replace the Message-ID, but answers and delivery reports keep the References.
    message["References"] = f"{message['In-Reply-To']} {second_id(row.key, at_domain)}"
    for name, value in _says_who_wrote(letter).items():
        message[name] = value
    message["Content-Language"] = language
    message.attach(MIMEText(text.text, "plain", READABLE))  # type: ignore[arg-type]  # typeshed knows names only
    message.attach(MIMEText(text.html, "html", COMPACT))  # type: ignore[arg-type]  # typeshed knows names only
    return message

"""Letters to families: how one is sent is decided when it is told, not when its row is put in the outbox.

It goes by its municipality's letter system where there is one; by e-mail only in the demo world, and never to a
protected address; else by hand: a person prints it and records when it was posted (storage/staff/families/letters.py).
"""

from email.message import Message
from enum import Enum, auto

from sqlmodel import Session

from domain.ports.letters import FamilyLetter, LetterSystem
from domain.referrals.household import Identity
from storage.outbox import OutboxRow
from storage.vault.entries import Door
from tasks.case import LETTERS
from tasks.delivery.calls import Call
from tasks.delivery.envelopes import message
from tasks.delivery.letter_facts import Facts, facts_of, sender_of
from tasks.delivery.letters import letter_worth_sending
from tasks.platform import Platform
from templates import Rendered
from templates import letter as rendered


class ByHand(Enum):
    """No system takes the letter."""

    NOBODY_TAKES_IT = auto()


def told_to_family(platform: Platform, session: Session, row: OutboxRow) -> Call | Message | ByHand | None:
    """A letter to a family, ready to be sent; None when nobody waits for an answer to it.

    Addressing it opens the vault, and records the opening in the session.
    """
    facts = facts_of(platform, session, row)
    letter = letter_worth_sending(facts)
    if letter is None:
        return None
    sender = sender_of(facts)
    if LETTERS in sender.systems:
        system: LetterSystem = platform.connect(LETTERS, sender.systems[LETTERS])
        written = _for_its_system(facts, rendered(letter, facts.referral.language), opened_for=sender.party)
        return lambda: system.send(written, key=row.key)
    if platform.may_email_families:
        identity = opened_for_letter(facts, Door.ADDRESS_FAMILY, opened_for="mail")
        if identity.email and not identity.address_protection:
            return message(facts, letter, identity.email, facts.referral.language)
    return ByHand.NOBODY_TAKES_IT


def is_worth_posting(platform: Platform, session: Session, row: OutboxRow) -> bool:
    """Whether a letter that waits to be posted by hand is still worth sending."""
    return letter_worth_sending(facts_of(platform, session, row)) is not None


def _for_its_system(facts: Facts, text: Rendered, *, opened_for: str) -> FamilyLetter:
    identity = opened_for_letter(facts, Door.ADDRESS_FAMILY, opened_for=opened_for)
    return FamilyLetter(
        cpr=identity.cpr,
        name=identity.adult_name,
        address=identity.address,
        subject=text.subject,
        text=text.text,
        html=text.html,
        language=facts.referral.language,
    )


def opened_for_letter(facts: Facts, door: Door, *, opened_for: str) -> Identity:
    """Who the family is, opened for a letter; that it was is written down in the session."""
    vault, now = facts.platform.vault, facts.platform.now()
    return vault.identity(facts.session, facts.referral, door, opened_for=opened_for, now=now)

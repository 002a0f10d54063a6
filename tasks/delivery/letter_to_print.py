"""A family's letter on paper, as a person prints and posts it."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from domain.letters import Asked
from domain.parties.party import Partner
from domain.referrals.household import Language
from domain.working_days import day_of
from storage.outbox import OutboxRow
from storage.questions.questions import Question
from storage.staff.families.letters import times_if_posted
from storage.vault.entries import Door
from tasks.delivery.family_letters import opened_for_letter
from tasks.delivery.letter_facts import facts_of, sender_of
from tasks.delivery.letters import letter_worth_sending
from tasks.platform import Platform
from templates import Rendered
from templates import letter as rendered


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """A letter that a person posts: to whom, what it says, its date, and which municipality sends it."""

    name: str
    address: str
    sender: Partner
    letter: Rendered
    language: Language
    reference: str
    asks: bool
    written: date


def to_print(platform: Platform, session: Session, row: OutboxRow, *, by: str, now: datetime) -> PrintedLetter | None:
    """A row's letter, for a person to post; None when nobody waits for an answer to it.

    Its last day to answer assumes that it is posted today; `record_printed` records later that it was printed. The
    opening of the vault is recorded in the session.
    """
    facts = facts_of(platform, session, row)
    today = day_of(now)
    times = times_if_posted(session, row, on=today, holidays=platform.holidays)
    if times:
        facts = replace(facts, question=Question(**facts.asked.model_dump() | times))
    letter = letter_worth_sending(facts)
    if letter is None:
        return None
    identity = opened_for_letter(facts, Door.PRINTED_LETTER, opened_for=f"{by}: {row.telling}")
    language = facts.referral.language
    return PrintedLetter(
        name=identity.adult_name,
        address=identity.address,
        sender=sender_of(facts),
        letter=rendered(letter, language),
        language=language,
        reference=facts.referral.reference,
        asks=isinstance(letter, Asked),
        written=today,
    )

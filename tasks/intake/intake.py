"""Takes in the families that a municipality's case system has flagged: each once, each answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Invalid, NeedsPerson, PartnerRefused
from domain.parties import party
from domain.parties.party import Partner
from domain.ports.case_system import CaseSystem
from domain.referrals.household import FlaggedFamily
from domain.subject import Subject
from storage.attention import ask_for_attention
from storage.parties.partners import partner_of, partners
from storage.referrals.flag_receipts import decide_alone, receipt_for
from storage.restored.watermark import refuse_if_gone_back
from tasks.intake.flag_answers import (
    FLAG_WITHOUT_ID,
    ask_about_unanswered,
    can_be_answered,
    let_go_of_what_has_passed,
    note_refusal,
    refuse,
    stop,
)
from tasks.intake.flagged import Flagged
from tasks.intake.new_case import admit
from tasks.platform import Platform

# A crash leaves at most this many unused keys, fewer than `tilflyt vault sweep` deletes without asking.
KEYS_AT_ONCE = 10
# A family's reference, or why it is refused, or why it waits; None when it is known already.
Taken = str | Invalid | NeedsPerson | None


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """The result of one poll of one case system; references and codes only."""

    municipality: str
    taken_in: tuple[str, ...] = ()
    refused: int = 0
    stopped: int = 0


def municipalities_that_flag(platform: Platform) -> list[str]:
    """The codes of the municipalities whose case system is polled."""
    with platform.database.reading() as session:
        return [known.id for known in partners(session) if "case_system" in known.systems]


async def take_in(platform: Platform, municipality: str, *, flow_run_id: str | None = None) -> IntakeReport:
    """Poll one case system and take in what it flags. `PartnerUnavailable` when it is silent.

    `WentBack` when the database is older than it was: it would give out numbers that other cases have.
    """
    refuse_if_gone_back(platform.database, platform.marks)
    with platform.database.reading() as session:
        sender = partner_of(session, party.municipality(municipality))
        system: CaseSystem = platform.connect("case_system", sender.systems["case_system"])
    try:
        batch = await system.flagged()
    except PartnerRefused as refusal:
        note_refusal(platform, sender, refusal)
        raise
    new = _unanswered(platform, sender, batch.families)
    answers = [
        answer
        for start in range(0, len(new), KEYS_AT_ONCE)
        for answer in _take_some(platform, sender, new[start : start + KEYS_AT_ONCE], flow_run_id)
    ]
    taken = [answer for answer in answers if isinstance(answer, str)]
    refused = [answer for answer in answers if isinstance(answer, Invalid)]
    found = {(Subject.read(sender.party), answer.code) for answer in answers if isinstance(answer, NeedsPerson)}
    for flag in batch.refused:
        if not can_be_answered(flag.flag_id):
            found.add((ask_about_unanswered(platform, sender, flag), FLAG_WITHOUT_ID))
            continue
        refuse(platform, sender, flag.flag_id, Invalid(flag.field, flag.reason), withdraws=flag.withdraws)
    stopped = sum(stop(platform, sender, withdrawal) for withdrawal in batch.withdrawals)
    let_go_of_what_has_passed(platform, sender, found=found)
    return IntakeReport(municipality, tuple(taken), len(batch.refused) + len(refused), stopped)


def _unanswered(platform: Platform, sender: Partner, families: Sequence[FlaggedFamily]) -> list[FlaggedFamily]:
    """The families without a receipt; the others need no key."""
    with platform.database.reading() as session:
        return [one for one in families if receipt_for(session, sender.id, one.flag_id) is None]


def _take_some(
    platform: Platform, sender: Partner, families: Sequence[FlaggedFamily], flow_run_id: str | None
) -> list[Taken]:
    """Take in some families, each as `_take` does, and delete the keys that sealed nothing.

    A family whose intake broke off keeps its key: its data may have been sealed, and then the key is needed.
    """
    persons = platform.vault.person_key(now=platform.now())
    keys = platform.vault.new_keys(len(families), now=platform.now())
    unused, answers = {key.case_key for key in keys}, []
    try:
        for family, key in zip(families, keys, strict=True):
            unused.discard(key.case_key)
            flagged = Flagged(sender, family, key, persons.mark(family.identity.cpr))
            answers.append(_take(platform, flagged, flow_run_id=flow_run_id))
            if not isinstance(answers[-1], str):
                unused.add(key.case_key)
    finally:
        platform.vault.keys.forget(unused)
    return answers


def _take(platform: Platform, flagged: Flagged, *, flow_run_id: str | None) -> Taken:
    """Take in a family in one transaction: its reference, or why it is refused or waits; None when it is known."""
    sender, flag_id = flagged.sender, flagged.family.flag_id
    try:
        with platform.database.writing() as session:
            decide_alone(session, sender.id)
            if receipt_for(session, sender.id, flag_id) is not None:
                return None
            return admit(platform, session, flagged, flow_run_id=flow_run_id).referral.reference
    except Invalid as fault:
        refuse(platform, sender, flag_id, fault)
        return fault
    except NeedsPerson as reason:
        # Without a receipt the flag comes again with the next poll, when the municipality may name somebody.
        with platform.database.writing() as session:
            ask_for_attention(session, Subject.read(sender.party), reason.code, now=platform.now(), detail=str(reason))
        return reason

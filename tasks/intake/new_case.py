"""The beginning of a family's case."""

from sqlmodel import Session

from domain.questions.addressee import Addressee
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.audit.states import chain_state
from storage.privacy.consents import record_consent
from storage.referrals.flag_receipts import FlagReceipt
from storage.referrals.left_areas import note_left_area
from storage.referrals.referrals import Referral
from storage.vault.person_digests import hold_person, know_person
from tasks.asking.asking import Matter, ask_party
from tasks.case import Case
from tasks.intake.flag_answers import (
    answer_flag,
)
from tasks.intake.flagged import Flagged
from tasks.intake.new_referral import new_referral
from tasks.platform import Platform


def admit(
    platform: Platform,
    session: Session,
    flagged: Flagged,
    *,
    flow_run_id: str | None = None,
    again_as: str | None = None,
) -> Case:
    """Begin a family's case; `Invalid` or `NeedsPerson` when it cannot begin.

    `again_as` is the reference that its case system was told before a backup was
    put back, and is not told again.
    """
    now, sender, family = platform.now(), flagged.sender, flagged.family
    hold_person(session, flagged.mark)
    referral = new_referral(session, flagged, reference=again_as, now=now)
    session.add(referral)
    session.flush()
    note_left_area(session, referral, family.from_area, asked_by=sender.party, now=now)
    platform.vault.seal(session, flagged.key, family.identity, reference=referral.reference, now=now)
    chain_state(session, Referral, referral, now=now)
    know_person(session, referral, flagged.mark, now=now)
    case = Case(platform, session, referral, now, flow_run_id)
    by = str(Addressee(sender.party, family.flagged_by))
    case.note("received", actor=by, to=Status.RECEIVED)
    record_consent(session, case.id, family.consent, by=by, now=now)
    if case.agreement.one_person_decides:
        case.rest(now)
    else:
        ask_party(case, QuestionKind.SIGN_OFF, sender, Matter(referral.reference))
    receipt = FlagReceipt(municipality=sender.id, flag_id=family.flag_id, referral_id=referral.id, received_at=now)
    answer_flag(platform, session, sender, receipt, was_told=again_as is not None)
    return case

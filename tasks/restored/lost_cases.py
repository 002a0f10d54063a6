"""The cases that were lost with what a backup did not hold: taken in again, stopped or refused as they were."""

from domain.errors import Invalid, NeedsPerson
from domain.referrals.household import FlaggedFamily
from domain.subject import About
from storage.parties.partners import partner_of
from storage.referrals.flag_receipts import receipt_for
from storage.referrals.referrals import referral_by_reference
from tasks.intake import flag_answers
from tasks.intake.flagged import Flagged
from tasks.intake.new_case import admit
from tasks.platform import Platform
from tasks.restored.findings import CASE, Lost, ToSettle
from tasks.restored.restored import Restored


def settle_lost_cases(platform: Platform, found: Lost, told: Restored, *, by: str) -> None:
    """Take in, stop and refuse again what was told before, and note what a person must settle."""
    for of, family, reference in found.families:
        why = _take_in_again(platform, of, family, reference, by=by)
        if why is None:
            told.taken_in_again.append(reference)
        told.to_settle.append(ToSettle(About.REFERRAL.of(reference), CASE, why or "taken in again", reference))
    for of, stop, reference in found.withdrawals:
        with platform.database.reading() as session:
            sender = partner_of(session, of)
        if flag_answers.stop(platform, sender, stop, was_told=True):
            told.stopped_again.append(reference)
        else:
            told.to_settle.append(
                ToSettle(About.REFERRAL.of(reference), CASE, f"{stop.withdrawal_id}: no case to stop", reference)
            )
    for of, receipt in found.refusals:
        with platform.database.reading() as session:
            sender = partner_of(session, of)
        fault = Invalid(receipt.field or "flag", receipt.reason or "refused")
        flag_answers.refuse(platform, sender, receipt.flag_id, fault, was_told=True)
        told.refused_again += 1


def _take_in_again(platform: Platform, of: str, family: FlaggedFamily, reference: str, *, by: str) -> str | None:
    """Begin a lost case anew under the reference that everybody was told; returns why not, when it cannot be."""
    (key,) = platform.vault.new_keys(1, now=platform.now())
    mark = platform.vault.person_key(now=platform.now()).mark(family.identity.cpr)
    try:
        with platform.database.writing() as session:
            sender = partner_of(session, of)
            if receipt_for(session, sender.id, family.flag_id) is not None:
                raise Invalid("flag_id", "taken in meanwhile")
            if referral_by_reference(session, reference) is not None:
                raise Invalid("reference", "is another case's")
            case = admit(platform, session, Flagged(sender, family, key, mark), again_as=reference)
            case.record("taken_in_again", actor=by)
    except (Invalid, NeedsPerson) as why:
        platform.vault.keys.forget([key.case_key])
        return f"{family.flag_id}: not taken in again: {why}"
    return None

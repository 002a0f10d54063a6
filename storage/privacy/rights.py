"""What a family may have put right in what is held about it (GDPR art. 16), and who hears of it."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from domain.errors import Invalid
from domain.questions.question import PassedOnBy, QuestionKind
from domain.referrals.household import FamilyAnswersBy, Identity
from storage.columns import id_of
from storage.locks import hold_case
from storage.privacy.access import opened_for_family
from storage.privacy.disclosures import still_told, tell_again
from storage.questions.acceptance import take_back
from storage.questions.answers import pass_on
from storage.questions.lists import last_question, open_questions
from storage.questions.questions import FAMILY
from storage.referrals.referrals import Referral
from storage.vault.person_digests import hold_person, know_person
from storage.vault.vault import Vault

CORRECTABLE = tuple(field.name for field in fields(Identity))
PROTECTED = "address_protection"


def corrected(
    session: Session, vault: Vault, referral: Referral, field: str, value: str | bool, *, opened_for: str, now: datetime
) -> list[str]:
    """Correct a field of who a family is, and have the parties that were told it told again; returns those parties.

    The old value is gone. `Invalid` when there is no such field.
    """
    if field not in CORRECTABLE:
        raise Invalid("field", f"one of {', '.join(CORRECTABLE)}")
    # Held, so that nobody is told the old value meanwhile, and two corrections do not undo each other.
    hold_case(session, id_of(referral))
    identity = opened_for_family(session, vault, referral, opened_for=opened_for, now=now)
    held: dict[str, Any] = {field: value}
    right = replace(identity, **held)
    vault.seal_again(session, referral.case_key, right, reference=referral.reference, now=now)
    if field == "cpr":
        mark = vault.person_key(now=now).mark(right.cpr)
        hold_person(session, mark)
        know_person(session, referral, mark, now=now)
    if field == PROTECTED and value:
        _ask_through_caseworker(session, referral, now=now)
    # Parties told before this field existed must hear of it too (GDPR art. 19).
    told = still_told(session, id_of(referral))
    return tell_again(session, [one for one in told if field in (PROTECTED, *one.fields.split(", "))], now=now)


def _ask_through_caseworker(session: Session, referral: Referral, *, now: datetime) -> None:
    """Have a family whose address is now protected asked through its caseworker: its letters may lie anywhere.

    The link of its open question dies at once, and older links tell nothing any more.
    """
    referral.answers_by = FamilyAnswersBy.CASEWORKER
    session.add(referral)
    session.flush()
    # The row was read before a person typed the value.
    session.refresh(referral)
    for question in open_questions(session, id_of(referral)):
        if question.asked_of == FAMILY:
            pass_on(session, question, to=referral.flagged_by, by=PassedOnBy.PROTECTION, now=now)
    said = last_question(session, id_of(referral), QuestionKind.ACCEPTANCE)
    if said is not None and said.asked_of == FAMILY:
        # Somebody else may have read the family's letter and said yes: its caseworker is asked before anybody is told.
        take_back(session, id_of(said), referral_id=id_of(referral), now=now)

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
    """Put something about who a family is right, and have it told again to whom it was told; to whom that is.

    What it was is gone. `Invalid` names a field that there is not.
    """
    if field not in CORRECTABLE:
        raise Invalid("field", f"one of {', '.join(CORRECTABLE)}")
    # Nobody is told meanwhile what is about to be put right, and two corrections do not undo each other.
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
    # Who was told before there was such a field must hear of it too (GDPR art. 19).
    told = still_told(session, id_of(referral))
    return tell_again(session, [one for one in told if field in (PROTECTED, *one.fields.split(", "))], now=now)


def _ask_through_caseworker(session: Session, referral: Referral, *, now: datetime) -> None:
    """A family whose address is protected from now on is asked through its caseworker: its letters may lie anywhere.

    The link of what it is asked now is dead at once, and no older one tells anything any more.
    """
    referral.answers_by = FamilyAnswersBy.CASEWORKER
    session.add(referral)
    session.flush()
    # It was read before somebody typed the value.
    session.refresh(referral)
    for question in open_questions(session, id_of(referral)):
        if question.asked_of == FAMILY:
            pass_on(session, question, to=referral.flagged_by, by=PassedOnBy.PROTECTION, now=now)
    said = last_question(session, id_of(referral), QuestionKind.ACCEPTANCE)
    if said is not None and said.asked_of == FAMILY:
        # Whoever reads the family's letters may have said yes: its caseworker is asked before anybody is told.
        take_back(session, id_of(said), referral_id=id_of(referral), now=now)

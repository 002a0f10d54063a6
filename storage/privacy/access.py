"""What a family may see of what is held about it (GDPR art. 15)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from domain.errors import Invalid
from domain.parties import party
from domain.referrals.household import Identity
from domain.text.screening import tells_who, tells_whose
from storage.parties.partners import partners
from storage.privacy.consents import ConsentRecord
from storage.privacy.rows_held import OF_OTHERS, rows_about, rows_of, told_of
from storage.questions.comments import comments_on
from storage.questions.questions import Question
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.vacancies.offers import Offer
from storage.vacancies.vacancies import Vacancy
from storage.vault.entries import Door
from storage.vault.vault import Vault

_NAMES_PARTIES = {
    "questions": "asked_of",
    "homes": "association",
    "requests_sent": "recipient",
    "disclosures": "to_party",
}


def held_about(session: Session, vault: Vault, referral: Referral, *, opened_for: str, now: datetime) -> dict[str, Any]:
    """Everything that is held about a family, by kind; the reading is recorded.

    It includes who was told what and when, and who opened the vault, but nothing that would tell of another person's
    case (`OF_OTHERS`). `VaultClosed` when the family's data are shredded.
    """
    identity = opened_for_family(session, vault, referral, opened_for=opened_for, now=now)
    about = {"referral_id": referral.id}
    written = comments_on(session, vault, referral, opened_for=opened_for, now=now)
    homes = session.exec(
        select(Offer, Vacancy).where(col(Offer.vacancy_id) == Vacancy.id, Offer.referral_id == referral.id)
    ).all()
    held: dict[str, Any] = {
        "reference": referral.reference,
        "as_of": now,
        "identity": asdict(identity),
        "case": told_of(referral, but=("id", "case_key", "version", "due_at", "attempts", "agreement_version_id")),
        "consents": [told_of(one, but=("id",)) for one in rows_of(session, ConsentRecord, about)],
        "history": [
            told_of(line, but=("id", "flow_run_id"))
            for line in rows_of(session, HistoryLine, about)
            if line.deed not in OF_OTHERS
        ],
        "questions": [
            told_of(one, but=("id", "key", "token_hash", "subject")) for one in rows_of(session, Question, about)
        ],
        "comments": [{"question": question.kind, "written": words} for question, words in written],
        "homes": [
            {
                "department": home.department,
                "association": party.association(home.association),
                "municipality": home.municipality,
                **told_of(offer, but=("id", "vacancy_id")),
            }
            for offer, home in homes
        ],
        **rows_about(session, referral),
    }
    mentioned = {line[who] for kind, who in _NAMES_PARTIES.items() for line in held[kind]}
    return held | {"parties": {one.party: one.name for one in partners(session) if one.party in mentioned}}


def opened_for_family(
    session: Session, vault: Vault, referral: Referral, *, opened_for: str, now: datetime
) -> Identity:
    """Who a family is; `Invalid` when the recorded purpose itself reveals who the family is."""
    identity = vault.identity(session, referral, Door.RIGHT_OF_ACCESS, opened_for=opened_for, now=now)
    _, _, why = opened_for.partition(": ")
    # The person who opens it may have the family's surname.
    if (told := tells_who(opened_for, identity) or tells_whose(why, identity)) is not None:
        raise Invalid("purpose", told)
    return identity

"""What a family may ask of us: to see what we hold (GDPR art. 15), to have it put right (16), and to be erased (17)."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from domain import party
from domain.errors import Invalid
from domain.household import Identity
from domain.party import PartyKind
from domain.retention import RetentionTerms, keep_until
from domain.working_days import COPENHAGEN
from storage.comments import comments_on
from storage.consents import ConsentRecord
from storage.outbox import Telling, put
from storage.parties import partners
from storage.questions import Question
from storage.referrals import HistoryLine, Referral
from storage.releases import Release
from storage.retention import is_archived
from storage.shredding import OVER, certificate_of
from storage.vacancies import Offer, Vacancy
from storage.vault import Disclosure, Door, Vault, VaultOpening

CORRECTABLE = tuple(field.name for field in fields(Identity))


def held_about(session: Session, vault: Vault, referral: Referral, *, opened_for: str, now: datetime) -> dict[str, Any]:
    """Everything that is held about a family, by kind; that it was read is written down.

    Who was told what and when comes with it, and whoever opened the vault. `VaultClosed` when it is shredded.
    """
    identity = vault.open(session, referral.case_key, Door.RIGHT_OF_ACCESS, opened_for=opened_for, now=now)
    about, by_key = {"referral_id": referral.id}, {"case_key": referral.case_key}
    written = comments_on(session, vault, referral, opened_for=opened_for, now=now)
    homes = session.exec(
        select(Offer, Vacancy).where(col(Offer.vacancy_id) == Vacancy.id, Offer.referral_id == referral.id)
    ).all()
    held: dict[str, Any] = {
        "reference": referral.reference,
        "as_of": now,
        "identity": asdict(identity),
        "case": _told(referral, but=("id", "case_key", "version", "due_at", "attempts", "agreement_version_id")),
        "consents": [_told(one, but=("id",)) for one in _of(session, ConsentRecord, about)],
        "history": [_told(line, but=("id", "flow_run_id")) for line in _of(session, HistoryLine, about)],
        "questions": [_told(one, but=("id", "key", "token_hash")) for one in _of(session, Question, about)],
        "comments": [{"question": question.kind, "written": words} for question, words in written],
        "homes": [
            {
                "department": home.department,
                "association": party.association(home.association),
                "municipality": home.municipality,
                **_told(offer, but=("id", "vacancy_id")),
            }
            for offer, home in homes
        ],
        "requests_sent": [_told(one, but=("id", "seen")) for one in _of(session, Release, about)],
        "disclosures": [_told(one, but=("id", "offer_id")) for one in _of(session, Disclosure, about)],
        "openings": [_told(one, but=("id", "case_key")) for one in _of(session, VaultOpening, by_key)],
    }
    mentioned = {line[who] for kind, who in _NAMES_PARTIES.items() for line in held[kind]}
    return held | {"parties": {one.party: one.name for one in partners(session) if one.party in mentioned}}


_NAMES_PARTIES = {
    "questions": "asked_of",
    "homes": "association",
    "requests_sent": "recipient",
    "disclosures": "to_party",
}


def _of(session: Session, table: type[SQLModel], about: Mapping[str, object]) -> list[SQLModel]:
    query = select(table).order_by(table.__table__.c.id)  # type: ignore[attr-defined]  # every table has one
    return list(session.exec(query.filter_by(**about)))


def _told(row: SQLModel, *, but: tuple[str, ...]) -> dict[str, Any]:
    return row.model_dump(exclude={"referral_id", *but})


def corrected(
    session: Session, vault: Vault, referral: Referral, field: str, value: str, *, opened_for: str, now: datetime
) -> list[str]:
    """Put something about who a family is right, and have it told again to whom it was told; to whom that is.

    What it was is gone. `Invalid` names a field that there is not.
    """
    if field not in CORRECTABLE:
        raise Invalid("field", f"one of {', '.join(CORRECTABLE)}")
    identity = vault.open(session, referral.case_key, Door.RIGHT_OF_ACCESS, opened_for=opened_for, now=now)
    held: dict[str, Any] = {field: _as_held(field, value)}
    vault.seal_again(session, referral.case_key, replace(identity, **held), now=now)
    return _tell_again(session, referral, field, now=now)


# How a party was told who a family is, by what kind of party it is.
_TOLD_BY = {PartyKind.ASSOCIATION: Telling.DISCLOSE, PartyKind.MUNICIPALITY: Telling.HAND_OVER}


def _tell_again(session: Session, referral: Referral, field: str, *, now: datetime) -> list[str]:
    """Have whoever was told something wrong told what is right (GDPR art. 19); to whom."""
    told = select(Disclosure).where(Disclosure.referral_id == referral.id, col(Disclosure.recalled_at).is_(None))
    again = [one for one in session.exec(told) if field in one.fields.split(", ")]
    for one in again:
        telling = _TOLD_BY[PartyKind(one.to_party.partition(":")[0])]
        about = {"referral_id": referral.id, "offer_id": one.offer_id}
        put(session, telling, to=one.to_party, lane=one.to_party, now=now, **about)
    return [one.to_party for one in again]


def _as_held(field: str, value: str) -> str | bool:
    if field != "address_protection":
        return value
    if value not in ("yes", "no"):
        raise Invalid(field, "yes or no")
    return value == "yes"


def why_not_erased(session: Session, referral: Referral, terms: RetentionTerms, *, today: date) -> list[str]:
    """Every reason why the law does not let a family be erased yet; empty when it does. Done before, none is left."""
    if certificate_of(session, referral.id or 0) is not None:
        return []
    if referral.status not in OVER:
        return ["the case goes on: withdraw it first (consent can be withdrawn at any time)"]
    reasons = []
    until = keep_until(referral.status, referral.status_since.astimezone(COPENHAGEN).date(), terms)
    if until is not None and today <= until:
        reasons.append(f"a public authority must keep its case until {until.isoformat()} (GDPR art. 17(3)(b))")
    if not is_archived(session, referral.id or 0):
        reasons.append("the archive has not confirmed that it has taken the case over (GDPR art. 17(3)(d))")
    return reasons

"""What a family may ask of us: to see what we hold (GDPR art. 15), to have it put right (16), and to be erased (17)."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from domain.anonymity.screening import tells_who, tells_whose
from domain.errors import Invalid
from domain.parties import party
from domain.questions.question import PassedOnBy, QuestionKind
from domain.referrals.household import FamilyAnswersBy, Identity
from domain.referrals.lifecycle import OVER
from domain.referrals.retention import RetentionTerms, keep_until
from domain.working_days import day_of
from storage.attention import AttentionItem
from storage.books.ledger import Booking
from storage.columns import id_of
from storage.locks import hold_case
from storage.outbox import OutboxRow
from storage.parties.parties import partners
from storage.privacy.consents import ConsentRecord
from storage.privacy.disclosures import Disclosure, still_told, tell_again, unconfirmed
from storage.privacy.releases import Release
from storage.privacy.retention import ArchiveReceipt, is_archived
from storage.privacy.shredding import certificate_of
from storage.questions.comments import comments_on
from storage.questions.lists import last_question, open_questions
from storage.questions.questions import FAMILY, Question, pass_on
from storage.referrals.acceptance import take_back
from storage.referrals.flag_receipts import FlagReceipt
from storage.referrals.referrals import Exclusion, HistoryLine, Referral
from storage.vacancies.vacancies import Offer, Vacancy
from storage.vault.person_digests import GOES_ON, SAME_PERSON, STOPS, PersonDigest, hold_person, know_person
from storage.vault.vault import Door, Vault, VaultOpening

# Whether the same CPR number has a case in another municipality is left out of a family's access, and so is what staff
# decided of it. If the number was another person's, written by mistake, it would tell that person's secret to a
# stranger (GDPR art. 15(4); databeskyttelsesloven § 22, stk. 1; forvaltningsloven § 27), and a family in hiding could
# be found out by it; nobody here can tell which of the two it is. If it is the same person's, that case is told by the
# municipality whose case it is. By what the family itself is known again is its own, and is told.
OF_OTHERS = frozenset({SAME_PERSON, GOES_ON, STOPS})
CORRECTABLE = tuple(field.name for field in fields(Identity))
PROTECTED = "address_protection"
Kept = TypeVar("Kept", bound=SQLModel)


def held_about(session: Session, vault: Vault, referral: Referral, *, opened_for: str, now: datetime) -> dict[str, Any]:
    """Everything that is held about a family, by kind; that it was read is written down.

    Who was told what and when comes with it, and whoever opened the vault; what would tell of another person's case
    does not (`OF_OTHERS`). `VaultClosed` when it is shredded.
    """
    identity = _opened(session, vault, referral, opened_for=opened_for, now=now)
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
        "history": [
            _told(line, but=("id", "flow_run_id"))
            for line in _of(session, HistoryLine, about)
            if line.deed not in OF_OTHERS
        ],
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
        "letters_and_calls": [_told(one, but=("id", "key")) for one in _of(session, OutboxRow, about)],
        "searched_without": [_told(one, but=("id",)) for one in _of(session, Exclusion, about)],
        "bookings": [_told(one, but=("id",)) for one in _of(session, Booking, about)],
        "attention": [
            _told(one, but=("id",)) for one in _of(session, AttentionItem, about) if one.code not in OF_OTHERS
        ],
        "receipts": [_told(one, but=("id",)) for one in _of(session, FlagReceipt, about)],
        "known_again": "digest_of_cpr" if session.get(PersonDigest, referral.id) else None,
        "archived": [_told(one, but=("id",)) for one in _of(session, ArchiveReceipt, about)],
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


def _of(session: Session, table: type[Kept], about: Mapping[str, object]) -> list[Kept]:
    query = select(table).order_by(table.__table__.c.id)  # type: ignore[attr-defined]  # every table has one
    return list(session.exec(query.filter_by(**about)))


def _told(row: SQLModel, *, but: tuple[str, ...]) -> dict[str, Any]:
    return row.model_dump(exclude={"referral_id", *but})


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
    identity = _opened(session, vault, referral, opened_for=opened_for, now=now)
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


def _opened(session: Session, vault: Vault, referral: Referral, *, opened_for: str, now: datetime) -> Identity:
    """Who a family is; `Invalid` when what is written down of why it was opened tells that itself."""
    identity = vault.identity(session, referral, Door.RIGHT_OF_ACCESS, opened_for=opened_for, now=now)
    _, _, why = opened_for.partition(": ")
    # Who opens it may have the family's surname.
    if (told := tells_who(opened_for, identity) or tells_whose(why, identity)) is not None:
        raise Invalid("purpose", told)
    return identity


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


def why_not_erased(session: Session, referral: Referral, terms: RetentionTerms, *, today: date) -> list[str]:
    """Every reason why the law does not let a family be erased yet; empty when it does. Done before, none is left."""
    if certificate_of(session, id_of(referral)) is not None:
        return []
    if referral.status not in OVER:
        return ["the case goes on: withdraw it first (consent can be withdrawn at any time)"]
    reasons = []
    until = keep_until(referral.status, day_of(referral.status_since), terms)
    if until is not None and today <= until:
        reasons.append(f"a public authority must keep its case until {until.isoformat()} (GDPR art. 17(3)(b))")
    told = unconfirmed(session, id_of(referral))
    reasons += [f"{one} has not confirmed that it has deleted what it was told (GDPR art. 19)" for one in told]
    if not is_archived(session, id_of(referral)):
        reasons.append("the archive has not confirmed that it has taken the case over (GDPR art. 17(3)(d))")
    return reasons

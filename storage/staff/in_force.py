"""What is in force: the parties with their people and systems, and the agreements in each version that counts."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, func, select

from domain.parties.agreement import Agreement
from domain.parties.colleagues import absence
from domain.parties.party import Contact, Partner
from domain.referrals.lifecycle import OVER
from storage.columns import id_of
from storage.parties.agreements import AGREEMENTS, AgreementVersion
from storage.parties.partners import PartnerVersion, partner_from
from storage.referrals.referrals import Referral


def parties_in_force(session: Session, *, on: date, party: str | None = None) -> list[dict[str, Any]]:
    """Each party as its newest file has it: its people with their roles, who is away, and how its systems are reached.

    Of people it tells only their work data. No secret is told, only where it is looked up.
    """
    versions = session.exec(select(PartnerVersion).order_by(PartnerVersion.party, col(PartnerVersion.id))).all()
    counts = Counter(row.party for row in versions)
    current = [row for row in versions if row.current and party in (None, row.party)]
    return [_party(partner_from(row.document), row, counts[row.party], on) for row in current]


def _party(known: Partner, row: PartnerVersion, versions: int, on: date) -> dict[str, Any]:
    return {
        "party": known.party,
        "name": known.name,
        "phone": known.phone,
        "since": row.imported_at.isoformat(timespec="seconds"),
        "versions": versions,
        "contacts": [_contact(one, on) for one in known.contacts],
        "systems": {
            name: f"{connection.connector} at {connection.url}" for name, connection in sorted(known.systems.items())
        },
        "login": known.login.issuer if known.login else "",
    }


def _contact(contact: Contact, on: date) -> dict[str, str]:
    away = absence(contact, on=on)
    return {
        "id": contact.id,
        "role": contact.role,
        "name": contact.name,
        "email": contact.email,
        "away until": away.until_day.isoformat() if away else "",
        "deputy": away.deputy if away else "",
    }


def agreements_in_force(session: Session, *, on: date) -> list[dict[str, Any]]:
    """Each agreement: the version that new cases start on, those that come later, and those that open cases keep."""
    open_cases = dict(
        session.exec(
            select(Referral.agreement_version_id, func.count())
            .where(col(Referral.status).not_in(sorted(OVER)))
            .group_by(col(Referral.agreement_version_id))
        ).all()
    )
    versions = session.exec(
        select(AgreementVersion).order_by(
            AgreementVersion.agreement_id, col(AgreementVersion.valid_from), col(AgreementVersion.version)
        )
    ).all()
    newest = {row.agreement_id: row.id for row in versions if row.valid_from <= on}
    return list(_told(versions, newest, open_cases, on))


def _told(
    versions: Sequence[AgreementVersion], newest: dict[str, int | None], open_cases: dict[int, int], on: date
) -> Iterator[dict[str, Any]]:
    for row in versions:
        cases, starts = open_cases.get(id_of(row), 0), newest.get(row.agreement_id) == row.id
        if not (cases or starts or row.valid_from > on):
            continue
        agreement = AGREEMENTS.validate_json(row.document)
        yield {
            "agreement": agreement.id,
            "version": agreement.version,
            "valid from": agreement.valid_from.isoformat(),
            "standing": _standing(agreement, starts=starts, on=on),
            "open cases": cases,
            "sending": ", ".join(sorted(agreement.sending)),
            "receiving": ", ".join(sorted(agreement.receiving)),
            "associations": ", ".join(sorted(agreement.associations)),
        }


def _standing(agreement: Agreement, *, starts: bool, on: date) -> str:
    if agreement.valid_from > on:
        return "later"
    if not starts:
        return "kept by open cases"
    return "ended" if agreement.valid_until is not None and agreement.valid_until < on else "in force"

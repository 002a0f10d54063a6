"""The rows that are held about a family, but for its case, what it was asked and where."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, select

from storage.attention import AttentionItem
from storage.books.ledger import Booking
from storage.outbox import OutboxRow
from storage.privacy.disclosures import Disclosure
from storage.privacy.releases import Release
from storage.privacy.retention import ArchiveReceipt
from storage.referrals.exclusions import Exclusion
from storage.referrals.flag_receipts import FlagReceipt
from storage.referrals.referrals import Referral
from storage.vault.entries import VaultOpening
from storage.vault.person_digests import GOES_ON, SAME_PERSON, STOPS, PersonDigest

# A family's access leaves out whether the same CPR number has a case in another municipality, and what staff decided
# about it. If the number was another person's, written by mistake, this would tell that person's secret to a stranger
# (GDPR art. 15(4); databeskyttelsesloven § 22, stk. 1; forvaltningsloven § 27), and could reveal a family in hiding;
# nobody here can tell which it is. If it is the same person's, the other municipality tells of its own case. The digest
# by which the family itself is recognised is its own, and is told.
OF_OTHERS = frozenset({SAME_PERSON, GOES_ON, STOPS})

Kept = TypeVar("Kept", bound=SQLModel)


def rows_of(session: Session, table: type[Kept], about: Mapping[str, object]) -> list[Kept]:
    """The rows of a table about a family, in their order."""
    query = select(table).order_by(table.__table__.c.id)  # type: ignore[attr-defined]  # every table has one
    return list(session.exec(query.filter_by(**about)))


def told_of(row: SQLModel, *, but: tuple[str, ...]) -> dict[str, Any]:
    """A row as it is told to the family."""
    return row.model_dump(exclude={"referral_id", *but})


def rows_about(session: Session, referral: Referral) -> dict[str, Any]:
    """What was sent, told, booked and written down about a family, by kind."""
    about, by_key = {"referral_id": referral.id}, {"case_key": referral.case_key}
    return {
        "requests_sent": [told_of(one, but=("id", "seen")) for one in rows_of(session, Release, about)],
        "disclosures": [told_of(one, but=("id", "offer_id")) for one in rows_of(session, Disclosure, about)],
        "letters_and_calls": [told_of(one, but=("id", "key")) for one in rows_of(session, OutboxRow, about)],
        "searched_without": [told_of(one, but=("id",)) for one in rows_of(session, Exclusion, about)],
        "bookings": [told_of(one, but=("id",)) for one in rows_of(session, Booking, about)],
        "attention": [
            told_of(one, but=("id",)) for one in rows_of(session, AttentionItem, about) if one.code not in OF_OTHERS
        ],
        "receipts": [told_of(one, but=("id",)) for one in rows_of(session, FlagReceipt, about)],
        "known_again": "digest_of_cpr" if session.get(PersonDigest, referral.id) else None,
        "archived": [told_of(one, but=("id",)) for one in rows_of(session, ArchiveReceipt, about)],
        "openings": [told_of(one, but=("id", "case_key")) for one in rows_of(session, VaultOpening, by_key)],
    }

"""What was lost, as it was found: what can be taken in again, and what a person must settle."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.ports.case_system import Receipt
from domain.ports.finance import LedgerPosting
from domain.referrals.household import FlaggedFamily, FlaggedWithdrawal
from domain.subject import Subject

HOME, IDENTITY, POSTING, CASE, PARTY, UNPROVEN = (
    "restored_home",
    "restored_identity",
    "restored_posting",
    "restored_case",
    "restored_party",
    "without_our_key",
)
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class ToSettle:
    """Something that a person must settle: its subject, an attention code, and further codes, never people."""

    subject: Subject
    code: str
    detail: str
    reference: str | None = None


@dataclass(slots=True)
class Lost:
    """What can be taken in again without a person, by party; and what a person must settle."""

    families: list[tuple[str, FlaggedFamily, str]] = field(default_factory=list)
    refusals: list[tuple[str, Receipt]] = field(default_factory=list)
    withdrawals: list[tuple[str, FlaggedWithdrawal, str]] = field(default_factory=list)
    postings: list[tuple[str, LedgerPosting]] = field(default_factory=list)
    to_settle: list[ToSettle] = field(default_factory=list)


def together(claims: Sequence[str]) -> str:
    """One party's claims in one item, so that a party that invents many does not fill the list."""
    more = f" and {len(claims) - MOST_NAMED} more" if len(claims) > MOST_NAMED else ""
    return f"{len(claims)} without our key: {', '.join(claims[:MOST_NAMED])}{more}"

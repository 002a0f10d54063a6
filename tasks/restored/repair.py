"""Puts right what can be put right without a person after a backup was put back."""

from storage.attention import ask_for_attention
from storage.books.posted_before import remember_posted
from storage.referrals.references import skip_references
from storage.referrals.referrals import referral_by_reference
from tasks.platform import Platform
from tasks.restored.findings import CASE, Lost
from tasks.restored.lost_cases import settle_lost_cases
from tasks.restored.restored import Restored
from tasks.upkeep.retention import destroy_again


def put_right(platform: Platform, found: Lost, told: Restored, *, by: str) -> None:
    """Skip numbers, take in again what was lost, and put on the attention list what a person must settle."""
    destroy_again(platform.database, platform.vault, by=by, now=platform.now())
    with platform.database.writing() as session:
        # First of all, so that no number is given twice even if this breaks off.
        for year, (_, to) in sorted(told.numbers.items()):
            skip_references(session, year=year, to=to)
    settle_lost_cases(platform, found, told, by=by)
    with platform.database.writing() as session:
        now = platform.now()
        told.posted_before = sum(remember_posted(session, of, one, now=now) for of, one in found.postings)
        for one in told.to_settle:
            # A case that ends closes its own items, but not items about what somebody elsewhere holds or knows.
            case = referral_by_reference(session, one.reference or "") if one.code == CASE else None
            about = case.id if case else None
            ask_for_attention(session, one.subject, one.code, now=now, detail=one.detail, referral_id=about)

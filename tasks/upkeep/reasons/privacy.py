"""When what is sealed and kept of a family needs nobody's attention any more."""

from domain.referrals.consent import WARNED_BEFORE
from domain.working_days import day_of
from storage.columns import needed
from storage.privacy.consents import that_end
from storage.privacy.retention import is_archived
from storage.privacy.shredding import certificate_of
from storage.questions.comments import Comment
from storage.vault.entries import VaultEntry
from tasks.upkeep.reasons.seen import Seen


def consent_is_settled(seen: Seen) -> bool:
    """The consent was renewed or withdrawn, or is no longer needed."""
    soon = day_of(seen.now) + WARNED_BEFORE
    return not list(that_end(seen.session, until=soon, of=seen.item.referral_id))


def data_are_settled(seen: Seen) -> bool:
    """The archive has the case, or the family's data are shredded."""
    of = needed(seen.item.referral_id)
    return is_archived(seen.session, of) or certificate_of(seen.session, of) is not None


def comment_is_sealed_anew(seen: Seen) -> bool:
    """The comment is sealed under its case's key, or is gone."""
    comment = seen.session.get(Comment, seen.item.about.number)
    return comment is None or comment.key_id is None


def entry_is_bound(seen: Seen) -> bool:
    """The entry is bound to its reference, or is gone."""
    referral = seen.referral
    entry = seen.session.get(VaultEntry, referral.case_key) if referral else None
    return entry is None or entry.bound_to_reference

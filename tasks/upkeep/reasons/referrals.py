"""When a case needs nobody's attention any more."""

from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import OVER, Status
from storage.columns import id_of
from storage.questions.lists import open_questions
from tasks.upkeep.reasons.seen import Seen


def has_moved(seen: Seen) -> bool:
    """The case has moved since, or rests as it should."""
    referral = seen.referral
    return referral is None or referral.status in OVER or referral.attempts == 0


def search_goes_on(seen: Seen) -> bool:
    """The search goes on, or the case has gone on."""
    referral = seen.referral
    if referral is None or referral.status is not Status.SEEKING:
        return True
    return referral.parked_until is None or referral.parked_until <= seen.now


def somebody_is_asked(seen: Seen) -> bool:
    """An association is asked, or the case has gone on."""
    referral = seen.referral
    if referral is None or referral.status is not Status.SEEKING:
        return True
    return bool(open_questions(seen.session, id_of(referral), (QuestionKind.OFFER,)))


def is_over(seen: Seen) -> bool:
    """The case is over."""
    referral = seen.referral
    return referral is None or referral.status in OVER


def put_right_or_over(seen: Seen) -> bool:
    """The case is over. Otherwise a deed of staff, or a later look, closes the item itself."""
    referral = seen.referral
    return referral is not None and referral.status in OVER

"""Links that lead to nothing more: what they tell then is that, and whom to call, and nothing of the case."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from approval_api.questions.lookup import Seen
from approval_api.questions.pages.page import AskingParty, EndedPage
from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import PassedOnBy
from domain.referrals.household import FamilyAnswersBy
from domain.referrals.lifecycle import OVER
from storage.settings import Settings

# For how long a receipt tells the answer and the home: letters lie about, and who moved in must not be found by them.
RECEIPT_TELLS_FOR = timedelta(days=3)
# Whoever has just ended a case by their answer has a receipt of it, without the home.
RECEIPT_AFTER_THE_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """The page to show, and what it says."""

    page: str
    facts: EndedPage


def ended(seen: Seen, settings: Settings, *, said_at: datetime | None, now: datetime) -> Ended | None:
    """The page of a link that leads nowhere any more; None while it does. `said_at` is when its reader last answered.

    A family that is asked through its caseworker by now is not told by an older letter where it may live; nor that its
    address is protected. Who has left their party is told nothing of what they were asked before.
    """
    support = AskingParty("Tilflytterstyring", settings.support_name, settings.support_phone)
    question = seen.question
    if seen.has_left:
        return Ended("link_ended", EndedPage(support, has_left=True))
    if not seen.is_of_a_party and seen.referral.answers_by is FamilyAnswersBy.CASEWORKER:
        return Ended("link_ended", EndedPage(support, new_letter=False, of_family=True))
    if question.wrong_digits >= WRONG_TRIES_AT_MOST:
        new_letter = question.passed_by is PassedOnBy.WRONG_DIGITS or question.taken_back_at is not None
        return Ended("link_ended", EndedPage(support, new_letter=new_letter, of_family=not seen.is_of_a_party))
    if seen.referral.status in OVER and (said_at is None or now - said_at > RECEIPT_AFTER_THE_END):
        return Ended("over", EndedPage(support, of_family=not seen.is_of_a_party))
    return None

"""Links that have ended: their page says so and whom to call, and nothing of the case."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from approval_api.questions.lookup import Seen
from approval_api.questions.pages.page import AskingParty, EndedPage
from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import PassedOnBy
from domain.referrals.household import FamilyAnswersBy
from storage.settings import Settings

# How long a receipt shows the answer and the home: somebody who finds an old letter must not learn where the family is.
RECEIPT_TELLS_FOR = timedelta(days=3)
# How long an answer that ended its case still has a receipt, without the home.
RECEIPT_AFTER_THE_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """The page to show, and what it says."""

    page: str
    facts: EndedPage


def ended(seen: Seen, settings: Settings, *, said_at: datetime | None, now: datetime) -> Ended | None:
    """The page of a link that has ended; None while it works. `said_at` is when the visitor last answered on the page.

    When a family is asked through its caseworker by now, its older links show neither the home nor that its address is
    protected. A contact who has left their party sees nothing of the questions that they were asked.
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
    if seen.is_over and (said_at is None or now - said_at > RECEIPT_AFTER_THE_END):
        return Ended("over", EndedPage(support, of_family=not seen.is_of_a_party))
    return None

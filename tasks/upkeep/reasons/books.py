"""When a settled month needs nobody's attention any more."""

from domain.books.months import last_day_in
from storage.questions.months import is_rejected, month_question
from tasks.upkeep.reasons.seen import Seen


def month_is_asked_anew(seen: Seen) -> bool:
    """The party was asked, or asked anew after its no."""
    party = seen.named.partition("/")[2]
    question = month_question(seen.session, last_day_in(seen.item.about), party)
    return question is not None and not is_rejected(question)

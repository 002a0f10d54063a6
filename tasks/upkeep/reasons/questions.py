"""When a question needs nobody's attention any more."""

from domain.parties.colleagues import absence
from domain.questions.question import Standing
from domain.referrals.lifecycle import OVER
from domain.subject import About
from domain.working_days import day_of
from storage.parties.partners import partner_of
from storage.questions.matters import barred_from
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from tasks.upkeep.reasons.referrals import is_over
from tasks.upkeep.reasons.seen import Seen


def needs_no_answer(seen: Seen) -> bool:
    """The question no longer waits for an answer."""
    question = seen.session.get(Question, seen.item.about.number)
    return question is None or question.standing is not Standing.OPEN


def digits_are_settled(seen: Seen) -> bool:
    """The question no longer waits for an answer; if it was answered already, its case is over, or it is asked anew."""
    question = seen.session.get(Question, seen.item.about.number)
    if question is not None and question.answered_at is not None and question.answered_at < seen.item.opened_at:
        if question.referral_id is None:
            return question.taken_back_at is not None
        return seen.session.get_one(Referral, question.referral_id).status in OVER
    return needs_no_answer(seen)


def somebody_is_at_work(seen: Seen) -> bool:
    """Somebody else is asked, or the person asked is back."""
    if needs_no_answer(seen):
        return True
    question, today = seen.session.get_one(Question, seen.item.about.number), day_of(seen.now)
    partner = partner_of(seen.session, question.asked_of)
    named = partner.contact(question.contact_id)
    # A person who has left the party is not back, nor is a person who now deputises for the flagger.
    barred_today = barred_from(seen.session, question, partner, on=today)
    return named is not None and absence(named, on=today) is None and named.id not in barred_today


def is_answered_on_the_page(seen: Seen) -> bool:
    """The question was answered on its page after the mail, or the case is over."""
    if seen.item.about.kind != About.QUESTION:
        return is_over(seen)
    question = seen.session.get(Question, seen.item.about.number)
    if question is None or (question.referral_id is not None and is_over(seen)):
        return True
    # A person who answers first and then writes may want to take the answer back.
    settled = question.answered_at or question.settled_at
    return needs_no_answer(seen) and settled is not None and settled > seen.item.opened_at

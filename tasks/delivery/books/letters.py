"""Writes the letters about the books: a settled month, and claims under an agreement's guarantees."""

from collections.abc import Callable
from typing import Any

from domain import letters_of_books
from domain.letters import Letter
from domain.questions.question import Answer
from storage.books.claim_facts import claim_facts, known_to_claimant_as
from storage.outbox import Telling
from tasks.delivery.letter_facts import Facts


def _month(facts: Facts) -> Letter:
    asked_about: dict[str, Any] = facts.asked.request or {}
    return facts.asking(letters_of_books.MonthRequested, total_ore=asked_about["total_ore"])


def _claim(facts: Facts) -> Letter:
    return facts.asking(letters_of_books.ClaimRequested, claim=claim_facts(facts.session, facts.asked.about))


def _claim_second(facts: Facts) -> Letter:
    return facts.asking(letters_of_books.ClaimSecondRequested, claim=claim_facts(facts.session, facts.asked.about))


def _claim_answered(facts: Facts) -> Letter:
    return letters_of_books.ClaimAnswered(
        reference=known_to_claimant_as(facts.session, facts.asked.about),
        claim=claim_facts(facts.session, facts.asked.about),
        accepted=facts.asked.answer is Answer.YES,
        reason=facts.asked.reason,
        **facts.whom_to_call,
    )


WRITERS_OF_BOOKS: dict[Telling, Callable[[Facts], Letter]] = {
    Telling.MONTH_REQUESTED: _month,
    Telling.CLAIM_REQUESTED: _claim,
    Telling.CLAIM_SECOND_REQUESTED: _claim_second,
    Telling.CLAIM_ANSWERED: _claim_answered,
}

"""Guesses at a link's digits."""

from domain.questions.digits import WRONG_TRIES_AT_MOST
from domain.questions.question import QuestionKind
from tests.approval_api.questions.forms import wrong
from tests.world.served import (
    Asked,
    a_yes,
    opened,
    send,
)

APPROVAL, ACCEPTANCE = Asked(QuestionKind.APPROVAL), Asked(QuestionKind.ACCEPTANCE)


def guess(http, path, times=WRONG_TRIES_AT_MOST, **form):
    """Type wrong digits so many times; returns the last page."""
    form = a_yes(http, path) | form
    before = opened(http, path)
    for nth in range(1, times + 1):
        page = send(http, path, form | {"digits": wrong(path, nth)}, before=before)
    return page

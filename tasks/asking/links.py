"""The token of a question's link, and the digits beside it."""

from domain.questions.digits import link_digits
from domain.questions.question import link_token
from storage.questions.questions import Question
from tasks.platform import Platform


def token_of(platform: Platform, question: Question) -> str:
    """The token of a question's link, derived again each time that its letter is written."""
    return link_token(
        platform.link_key, question_key=question.key, version=question.version, addressee=question.addressee
    )


def digits_of(platform: Platform, question: Question) -> str:
    """The four digits that stand beside a question's link in its letter."""
    return link_digits(question.key, token_of(platform, question))

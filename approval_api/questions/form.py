"""The form of a question as it was sent: its fields, checked against the question."""

from collections.abc import Collection
from dataclasses import fields

from fastapi import Request

from approval_api.forms import FORM, read_fields
from approval_api.questions.pages.page import Colleague, Filled
from domain.errors import Invalid
from domain.questions.question import ASK_A_COLLEAGUE, SIDE_OF, Answer, GivenBy, PassOn, QuestionKind, Reply, faults
from domain.referrals.lifecycle import Side
from domain.text.screening import COMMENT_CHARACTERS, holds_cpr_number, tells_how_to_reach, tidied
from storage.questions.questions import Question

FIELDS = tuple(field.name for field in fields(Filled))
# The form of a question, for the OpenAPI description; `read_fields` reads it, within its limits.
SENT = {
    "required": True,
    "content": {
        FORM: {
            "schema": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in FIELDS},
                "required": ["answer", "nonce"],
            }
        }
    },
}

NO_ANSWER = Invalid("answer", "not_an_answer")
NOT_READ = Invalid("answer", "not_read")
NOT_FROM_OUR_PAGE = Invalid("answer", "not_from_our_page")
OPENED_ELSEWHERE = Invalid("answer", "opened_elsewhere")
NO_HOME_LEFT = Invalid("answer", "no_home_left")
HOME_GONE = Invalid("vacancy", "home_gone")
NOT_A_COLLEAGUE = Invalid("colleague", "choose_a_colleague")
HOLDS_CPR_NUMBER = Invalid("comment", "holds_cpr_number")
HOLDS_HOW_TO_REACH = Invalid("comment", "holds_how_to_reach")
COMMENT_TOO_LONG = Invalid("comment", "too_long")
# The errors that only this endpoint finds; those of a reply stand in the domain.
FAULTS_OF_SENDING = (
    NOT_READ,
    NOT_FROM_OUR_PAGE,
    OPENED_ELSEWHERE,
    NO_HOME_LEFT,
    HOME_GONE,
    NOT_A_COLLEAGUE,
    HOLDS_CPR_NUMBER,
    HOLDS_HOW_TO_REACH,
    COMMENT_TOO_LONG,
)


async def read_form(request: Request) -> Filled | None:
    """The fields of a question's form."""
    sent = await read_fields(request, FIELDS)
    return None if sent is None else Filled(**sent)


def read_choice(
    filled: Filled, question: Question, *, homes: frozenset[int], colleagues: Collection[Colleague]
) -> tuple[Reply | PassOn | None, tuple[Invalid, ...]]:
    """What was chosen on a form, or every error in it.

    A field that the question does not ask for is ignored.
    """
    if filled.answer == ASK_A_COLLEAGUE and colleagues:
        # Only a colleague from the party's own list: nobody can have the question sent to an address of their choice.
        chosen = next((one.id for one in colleagues if one.id == filled.colleague), None)
        return (PassOn(chosen), ()) if chosen else (None, (NOT_A_COLLEAGUE,))
    answer = next((answer for answer in Answer if answer == filled.answer), None)
    if answer is None:
        return None, (NO_ANSWER,)
    offers = question.kind is QuestionKind.OFFER and answer is Answer.YES
    reply = Reply(
        answer,
        reason=filled.reason or None if answer is Answer.NO else None,
        vacancy_id=next((home for home in homes if offers and str(home) == filled.vacancy), None),
        given_by=next((way for way in GivenBy if question.on_behalf and way == filled.given_by), None),
    )
    found = tuple(faults(question.kind, reply, suggested=homes, on_behalf=question.on_behalf))
    return (None, found) if found else (reply, ())


def read_comment(filled: Filled, question: Question) -> tuple[str, tuple[Invalid, ...]]:
    """The comment on a no, empty when there is none, or why it cannot be stored.

    Only those who know the family must not write addresses or numbers: others may write their own.
    """
    if filled.answer != Answer.NO:
        return "", ()
    text = tidied(filled.comment)
    if holds_cpr_number(filled.comment) or holds_cpr_number(text):
        return "", (HOLDS_CPR_NUMBER,)
    knows_the_family = SIDE_OF.get(question.kind) is Side.SENDER or question.on_behalf
    if knows_the_family and tells_how_to_reach(text):
        return "", (HOLDS_HOW_TO_REACH,)
    return (text, ()) if len(text) <= COMMENT_CHARACTERS else ("", (COMMENT_TOO_LONG,))

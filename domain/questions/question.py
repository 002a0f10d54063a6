"""Every human step is a question: what may be answered, by which link, until when."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Invalid
from domain.questions.addressee import Addressee
from domain.referrals.lifecycle import DECLINE_REASONS, DeclineReason, Side


class QuestionKind(StrEnum):
    """What is asked, in the order of the path. FEWER_ALIKE is outside it: whether to search with fewer alike.

    MONTH is about no case: whether a party approves its statement of a settled month. So are CLAIM and CLAIM_SECOND:
    whether a claim under a guarantee is accepted, asked of one person, and after a yes of a second one.
    """

    SIGN_OFF = "sign_off"
    FEWER_ALIKE = "fewer_alike"
    OFFER = "offer"
    APPROVAL = "approval"
    ACCEPTANCE = "acceptance"
    MOVE_IN = "move_in"
    MONTH = "month"
    CLAIM = "claim"
    CLAIM_SECOND = "claim_second"


class Answer(StrEnum):
    """The possible answers; only the family's question offers the withdrawal."""

    YES = "yes"
    NO = "no"
    WITHDRAW = "withdraw"


class Standing(StrEnum):
    """What happened to a question."""

    OPEN = "open"
    ANSWERED = "answered"
    OVERDUE = "overdue"
    REVOKED = "revoked"


class GivenBy(StrEnum):
    """How the family gave an answer that its caseworker records."""

    MEETING = "meeting"
    PHONE = "phone"
    LETTER = "letter"


class FamilyAsked(StrEnum):
    """How a family is asked; by e-mail only in the demo world. A letter may wait for a person to post it."""

    THROUGH_CASEWORKER = "through_caseworker"
    BY_LETTER_SYSTEM = "by_letter_system"
    BY_POST = "by_post"
    BY_EMAIL = "by_email"
    LETTER_WAITS = "letter_waits"
    ON_ITS_WAY = "on_its_way"
    REFUSED = "refused"


class PassedOnBy(StrEnum):
    """Why a question was passed on to a new link: the person asked chose a colleague, the rule for absences, or staff.

    After too many WRONG_DIGITS the same person is asked anew. When a family's address comes under PROTECTION, its
    caseworker is asked instead. LEFT: the party's file no longer names the person, or gives them another role.
    """

    ADDRESSEE = "addressee"
    DEPUTY_RULE = "deputy_rule"
    STAFF = "staff"
    WRONG_DIGITS = "wrong_digits"
    PROTECTION = "protection"
    LEFT = "left"


# A choice beside the answers: it decides nothing, and a colleague is asked instead.
ASK_A_COLLEAGUE = "ask_a_colleague"
# The choice on the page where a yes to a home is taken back.
TAKE_BACK = "take_back"

# Which side of a case answers; a question about no case has none.
SIDE_OF: dict[QuestionKind, Side] = {
    QuestionKind.SIGN_OFF: Side.SENDER,
    QuestionKind.FEWER_ALIKE: Side.SENDER,
    QuestionKind.OFFER: Side.ASSOCIATION,
    QuestionKind.APPROVAL: Side.MUNICIPALITY,
    QuestionKind.ACCEPTANCE: Side.FAMILY,
    QuestionKind.MOVE_IN: Side.ASSOCIATION,
}

_NO_TO_A_CLAIM = ("evidence_missing", "not_covered", "amount_too_high")
REASON_CODES: dict[QuestionKind, tuple[str, ...]] = {
    QuestionKind.SIGN_OFF: ("need_not_documented", "other_solution_found"),
    QuestionKind.FEWER_ALIKE: ("wait_for_others_alike", "other_solution_found"),
    QuestionKind.OFFER: ("no_suitable_home", "homes_already_let", "no_capacity_now"),
    QuestionKind.APPROVAL: ("area_under_pressure", "schools_and_daycare_full", "quota_used"),
    QuestionKind.ACCEPTANCE: (
        "home_does_not_suit",
        "too_expensive",
        "too_far_away",
        "not_now",
        "circumstances_changed",
    ),
    QuestionKind.MOVE_IN: ("lease_not_signed", "home_not_ready"),
    QuestionKind.MONTH: ("amount_wrong", "unknown_case", "rule_wrong", "not_our_party"),
    QuestionKind.CLAIM: _NO_TO_A_CLAIM,
    QuestionKind.CLAIM_SECOND: _NO_TO_A_CLAIM,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered. `vacancy_id` is the home an association offers."""

    answer: Answer
    reason: str | None = None
    vacancy_id: int | None = None
    given_by: GivenBy | None = None


@dataclass(frozen=True, slots=True)
class PassOn:
    """A request to ask a colleague instead: the contact `to` of the same party."""

    to: str


def answers_to(kind: QuestionKind) -> tuple[Answer, ...]:
    """The answers a question may get."""
    if kind is QuestionKind.ACCEPTANCE:
        return Answer.YES, Answer.NO, Answer.WITHDRAW
    return Answer.YES, Answer.NO


def faults(
    kind: QuestionKind, reply: Reply, *, suggested: frozenset[int] = frozenset(), on_behalf: bool = False
) -> list[Invalid]:
    """Everything missing or wrong in a reply, each with its field; empty when it can be recorded.

    `suggested` are the vacancies an association may choose from; `on_behalf` says that a caseworker
    answers for the family and must say how the family gave its answer.
    """
    found: list[Invalid] = []
    if reply.answer not in answers_to(kind):
        found.append(Invalid("answer", "not_an_answer"))
    if reply.answer is Answer.NO and reply.reason not in REASON_CODES[kind]:
        found.append(Invalid("reason", "choose_a_reason"))
    if kind is QuestionKind.OFFER and reply.answer is Answer.YES and reply.vacancy_id not in suggested:
        found.append(Invalid("vacancy", "choose_a_home"))
    if on_behalf and reply.given_by is None:
        found.append(Invalid("given_by", "say_how_it_was_given"))
    return found


def decline_reason(reply: Reply) -> DeclineReason:
    """The coded reason of a recorded no."""
    return DECLINE_REASONS[reply.reason or ""]


TOKEN_CHARACTERS = 43


def link_token(key: bytes, *, question_key: str, version: int, addressee: Addressee) -> str:
    """The 256-bit token of a question's link, `TOKEN_CHARACTERS` URL-safe ones.

    It is derived, so that a letter sent again after a crash carries the same link. It is bound to the question, its
    version and its addressee.
    """
    mac = hmac.digest(key, f"link|{question_key}|{version}|{addressee}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """The only form in which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()

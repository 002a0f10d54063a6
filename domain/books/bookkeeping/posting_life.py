"""A posting's life in another's finance system: sent, then accepted or rejected with a reason, then reconciled.

What a posting is after an answer stands in one table. An answer that says again what is known changes nothing; one that
contradicts it, or names another amount, leaves the posting disputed until a person has settled it.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.ports.finance import PostingAnswer, PostingVerdict
from domain.working_days import working_days_after


class PostingState(StrEnum):
    """What is known of a posting (postering).

    QUEUED waits for the next run of its party's file. CORRECTED was rejected and sent anew under another key.
    """

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISPUTED = "disputed"
    RECONCILED = "reconciled"
    CORRECTED = "corrected"


class Dispute(StrEnum):
    """Why a person must settle what became of a posting."""

    ANOTHER_AMOUNT = "another_amount"
    REJECTED_AFTER_ACCEPTANCE = "rejected_after_acceptance"
    ACCEPTED_AFTER_REJECTION = "accepted_after_rejection"
    ACCEPTED_AFTER_CORRECTION = "accepted_after_correction"
    ANOTHER_REASON = "another_reason"
    YES_AND_NO = "yes_and_no"
    BOOKED_TWICE = "booked_twice"


@dataclass(frozen=True, slots=True)
class Known:
    """A posting's state, the code of a rejection or dispute, and another amount in øre where one was reported."""

    state: PostingState
    reason: str = ""
    amount_ore: int | None = None


# The reason of a rejection that a person has settled.
SETTLED = "settled"
COUNTED = frozenset({PostingState.ACCEPTED, PostingState.RECONCILED})
# After so many working days without an answer a person is asked; of a file, which is reported on once a month, later.
ANSWER_WITHIN_WORKING_DAYS = 5
REPORT_WITHIN_WORKING_DAYS = 30

_Q, _S, _A = PostingVerdict.QUEUED, PostingVerdict.SENT, PostingVerdict.ACCEPTED
_R, _B, _U = PostingVerdict.REJECTED, PostingVerdict.BOOKED, PostingVerdict.UNCLEAR
_T = PostingVerdict.TWICE
_OPEN: dict[PostingVerdict, PostingState | Dispute] = {
    _Q: PostingState.QUEUED,
    _S: PostingState.SENT,
    _A: PostingState.ACCEPTED,
    _R: PostingState.REJECTED,
    _B: PostingState.RECONCILED,
    _U: Dispute.YES_AND_NO,
    _T: Dispute.BOOKED_TWICE,
}
AFTER: Mapping[PostingState, Mapping[PostingVerdict, PostingState | Dispute]] = {
    PostingState.QUEUED: _OPEN,
    PostingState.SENT: _OPEN | {_Q: PostingState.SENT},
    PostingState.ACCEPTED: {
        **dict.fromkeys((_Q, _S, _A), PostingState.ACCEPTED),
        _R: Dispute.REJECTED_AFTER_ACCEPTANCE,
        _B: PostingState.RECONCILED,
        _U: Dispute.YES_AND_NO,
        _T: Dispute.BOOKED_TWICE,
    },
    PostingState.REJECTED: {
        **dict.fromkeys((_Q, _S, _R), PostingState.REJECTED),
        **dict.fromkeys((_A, _B, _U, _T), Dispute.ACCEPTED_AFTER_REJECTION),
    },
    # Only a person goes on from here.
    PostingState.DISPUTED: dict.fromkeys(PostingVerdict, PostingState.DISPUTED),
    PostingState.RECONCILED: {
        **dict.fromkeys((_Q, _S, _A, _B), PostingState.RECONCILED),
        **dict.fromkeys((_R, _U), Dispute.REJECTED_AFTER_ACCEPTANCE),
        _T: Dispute.BOOKED_TWICE,
    },
    PostingState.CORRECTED: {
        **dict.fromkeys((_Q, _S, _R), PostingState.CORRECTED),
        **dict.fromkeys((_A, _B, _U, _T), Dispute.ACCEPTED_AFTER_CORRECTION),
    },
}
ASKED_ABOUT: Mapping[PostingState, str] = {
    PostingState.REJECTED: "posting_rejected",
    PostingState.DISPUTED: "posting_disputed",
    PostingState.SENT: "posting_unanswered",
}


def after(known: Known | None, answer: PostingAnswer, *, amount_ore: int) -> Known | None:
    """What is known of a posting of this amount after an answer; None when the answer says nothing new."""
    before = known.state if known else PostingState.QUEUED
    state = AFTER[before][answer.verdict]
    if known and state is before and state is not PostingState.REJECTED:
        return _another_amount(known, answer, amount_ore)
    if known and before is PostingState.REJECTED and state is PostingState.REJECTED:
        is_new = answer.verdict is PostingVerdict.REJECTED and answer.reason != known.reason
        return Known(PostingState.DISPUTED, Dispute.ANOTHER_REASON) if is_new else None
    if isinstance(state, Dispute):
        return Known(PostingState.DISPUTED, state, answer.amount_ore)
    return _another_amount(known, answer, amount_ore) or Known(state, answer.reason)


def _another_amount(known: Known | None, answer: PostingAnswer, amount_ore: int) -> Known | None:
    """The dispute when an answer names another amount than ours; None when it names ours, or none."""
    settled_by_a_person_alone = known is not None and known.state is PostingState.DISPUTED
    says_one = answer.amount_ore is not None and answer.verdict is not PostingVerdict.REJECTED
    if settled_by_a_person_alone or not says_one or answer.amount_ore == amount_ore:
        return None
    return Known(PostingState.DISPUTED, Dispute.ANOTHER_AMOUNT, answer.amount_ore)


def counts(sides: Iterable[PostingState | None]) -> bool:
    """Whether a booking counts: it has sides, and each of them is accepted where it was posted last."""
    states = tuple(sides)
    return bool(states) and all(state in COUNTED for state in states)


def is_overdue(sent_on: date, *, in_a_file: bool, today: date, holidays: Container[date]) -> bool:
    """Whether a posting without an answer should have had one; on the last day it still may."""
    within = REPORT_WITHIN_WORKING_DAYS if in_a_file else ANSWER_WITHIN_WORKING_DAYS
    return today > working_days_after(sent_on, within, holidays)

"""The legs of the path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from tasks.anonymity import crowds
from tasks.ceilings import waiting
from tasks.ceilings.reached import ceilings_now
from tasks.path import (
    acceptance,
    approval,
    disclosure,
    housing,
    proposal,
    requests,
    searching,
    starting,
    suitable_homes,
)
from tasks.platform import Platform


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """One leg: from which status, on which question's answer, to which status after a yes, by which deed.

    A leg without a status moves a case from any, when a stop was asked for. `disclosed` says whether the family's
    identity must be disclosed already, or must not be; a leg that is `only_answered` looks at no case whose question
    is still open. `look` searches before the referral is locked, because a search reads much; its result is passed to
    the deed. `beforehand` is computed once for all referrals that move together, and passed to the look where there is
    one, else to the deed.
    `afterwards` runs when some have moved, and returns by referral what it could not do.
    """

    name: str
    status: Status | None
    onward: Status
    deed: Callable[..., None]
    answers: QuestionKind | None = None
    only_answered: bool = False
    disclosed: bool | None = None
    look: Callable[..., object] | None = None
    beforehand: Callable[[Platform], object] | None = None
    afterwards: Callable[[Platform, str | None], Mapping[int, Exception]] | None = None


# In the order in which a run of the path walks them.
LEGS: Mapping[str, Leg] = {
    leg.name: leg
    for leg in (
        Leg("stop_withdrawn", None, Status.WITHDRAWN, starting.stop, afterwards=waiting.search_where_room),
        Leg("admit_signed_off", Status.RECEIVED, Status.SEEKING, starting.admit, QuestionKind.SIGN_OFF),
        Leg(
            "put_offers_forward",
            Status.SEEKING,
            Status.PROPOSED,
            proposal.propose,
            QuestionKind.OFFER,
            only_answered=True,
            beforehand=crowds.seekers_now,
        ),
        Leg(
            "release_requests",
            Status.SEEKING,
            Status.SEEKING,
            searching.line_up,
            look=suitable_homes.find_homes,
            beforehand=ceilings_now,
            afterwards=requests.send_requests,
        ),
        Leg(
            "ask_families",
            Status.PROPOSED,
            Status.APPROVED,
            approval.hear,
            QuestionKind.APPROVAL,
            afterwards=waiting.search_where_room,
        ),
        Leg(
            "hear_families",
            Status.APPROVED,
            Status.ACCEPTED,
            acceptance.accept,
            QuestionKind.ACCEPTANCE,
            afterwards=waiting.search_where_room,
        ),
        Leg("disclose_identity", Status.ACCEPTED, Status.ACCEPTED, disclosure.disclose, disclosed=False),
        Leg(
            "book_compensation",
            Status.ACCEPTED,
            Status.HOUSED,
            housing.book_move_in,
            QuestionKind.MOVE_IN,
            disclosed=True,
            afterwards=waiting.search_where_room,
        ),
        Leg("close_finished", Status.HOUSED, Status.CLOSED, housing.close),
    )
}

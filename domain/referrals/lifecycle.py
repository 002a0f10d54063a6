"""The referral's life: its statuses, the moves between them, and why a home is declined.

A status changes only through `advance`; the table is data.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import NotAllowed


class Status(StrEnum):
    """Where a referral (henvisning) rests."""

    RECEIVED = "received"
    SEEKING = "seeking"
    PROPOSED = "proposed"
    APPROVED = "approved"
    ACCEPTED = "accepted"
    HOUSED = "housed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


MOVES: dict[Status, frozenset[Status]] = {
    Status.RECEIVED: frozenset({Status.SEEKING, Status.CLOSED, Status.WITHDRAWN}),
    # Closed without a home when its municipality helps the family another way.
    Status.SEEKING: frozenset({Status.PROPOSED, Status.CLOSED, Status.WITHDRAWN}),
    # Every status means the same in every order of the route. Where the family is asked before the municipality, both
    # are asked in PROPOSED, for APPROVED says that the municipality has approved; its yes, which comes last, leads on
    # to ACCEPTED. Has the family taken its own yes back by then, it leads to APPROVED, and the family is asked anew.
    Status.PROPOSED: frozenset({Status.APPROVED, Status.ACCEPTED, Status.SEEKING, Status.WITHDRAWN}),
    Status.APPROVED: frozenset({Status.ACCEPTED, Status.SEEKING, Status.WITHDRAWN}),
    # It can be withdrawn until the lease is signed; the confirmed move-in proves that, and ends the right to stop.
    # Back to APPROVED when the family takes its yes back before anybody was told who it is.
    Status.ACCEPTED: frozenset({Status.HOUSED, Status.APPROVED, Status.SEEKING, Status.WITHDRAWN}),
    Status.HOUSED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}

OVER = frozenset(status for status, onward in MOVES.items() if not onward)
WITHDRAWABLE = frozenset(status for status, onward in MOVES.items() if Status.WITHDRAWN in onward)


def advance(current: Status, proposed: Status) -> Status:
    """The status after the move; `NotAllowed` when the lifecycle has no such move."""
    if proposed not in MOVES[current]:
        raise NotAllowed(f"{current} → {proposed}")
    return proposed


class Side(StrEnum):
    """Who declined."""

    SENDER = "sender"
    ASSOCIATION = "association"
    MUNICIPALITY = "municipality"
    FAMILY = "family"


class Effect(StrEnum):
    """What a decline does to the search that follows."""

    NONE = "none"
    PARK = "park"
    EXCLUDE_HOME = "exclude_home"
    EXCLUDE_ASSOCIATION = "exclude_association"
    EXCLUDE_MUNICIPALITY = "exclude_municipality"
    REASSESS = "reassess"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """A coded reason for a no: which side gives it and what it does. `park_days` counts calendar days."""

    code: str
    side: Side
    effect: Effect
    park_days: int = 0


_REASONS = (
    DeclineReason("need_not_documented", Side.SENDER, Effect.CLOSE),
    DeclineReason("other_solution_found", Side.SENDER, Effect.CLOSE),
    DeclineReason("wait_for_others_alike", Side.SENDER, Effect.NONE),
    DeclineReason("no_suitable_home", Side.ASSOCIATION, Effect.EXCLUDE_ASSOCIATION),
    DeclineReason("homes_already_let", Side.ASSOCIATION, Effect.EXCLUDE_HOME),
    DeclineReason("no_capacity_now", Side.ASSOCIATION, Effect.EXCLUDE_ASSOCIATION),
    DeclineReason("area_under_pressure", Side.MUNICIPALITY, Effect.EXCLUDE_HOME),
    DeclineReason("schools_and_daycare_full", Side.MUNICIPALITY, Effect.EXCLUDE_MUNICIPALITY),
    DeclineReason("quota_used", Side.MUNICIPALITY, Effect.EXCLUDE_MUNICIPALITY),
    DeclineReason("home_does_not_suit", Side.FAMILY, Effect.EXCLUDE_HOME),
    DeclineReason("too_expensive", Side.FAMILY, Effect.EXCLUDE_HOME),
    DeclineReason("too_far_away", Side.FAMILY, Effect.EXCLUDE_MUNICIPALITY),
    DeclineReason("not_now", Side.FAMILY, Effect.PARK, park_days=30),
    DeclineReason("circumstances_changed", Side.FAMILY, Effect.REASSESS),
    DeclineReason("home_not_ready", Side.ASSOCIATION, Effect.EXCLUDE_HOME),
    DeclineReason("lease_not_signed", Side.ASSOCIATION, Effect.PARK, park_days=7),
)

DECLINE_REASONS: dict[str, DeclineReason] = {reason.code: reason for reason in _REASONS}

# Reasons that nobody chooses on a page: the deadline passed, or the home was gone when the answer came, or the year's
# ceiling reached: then the home may be suggested again when there is room.
_SILENCE = (
    DeclineReason("no_answer", Side.SENDER, Effect.REASSESS),
    DeclineReason("no_answer", Side.ASSOCIATION, Effect.EXCLUDE_ASSOCIATION),
    DeclineReason("no_answer", Side.MUNICIPALITY, Effect.EXCLUDE_MUNICIPALITY),
    DeclineReason("no_answer", Side.FAMILY, Effect.PARK, park_days=14),
)
NO_ANSWER: dict[Side, DeclineReason] = {reason.side: reason for reason in _SILENCE}
HOME_GONE = DeclineReason("home_gone", Side.ASSOCIATION, Effect.EXCLUDE_HOME)
CEILING_REACHED = DeclineReason("ceiling_reached", Side.ASSOCIATION, Effect.NONE)


class WithdrawalReason(StrEnum):
    """Why a referral is stopped before the lease is signed."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    CASE_WITHDRAWN = "case_withdrawn"
    CONSENT_ENDED = "consent_ended"

"""Whether an open case can go on under another version of its agreement: every reason why not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.parties.agreement import CALENDAR_DAYS_A_WORKING_DAY, Agreement, Step
from domain.parties.agreements.changes import WAITS_FOR
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status

WHILE_RESERVED = (QuestionKind.APPROVAL, QuestionKind.ACCEPTANCE)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case as far as its agreement matters to it.

    `asked` are the kinds of its questions that are open, or ended and not acted on yet; `associations` those that were
    asked by them, and the one whose home is put forward; `receiver` is the municipality of that home, which is reserved
    until a moment. `open_until` is when the last of its questions expires.
    """

    reference: str
    status: Status
    sender: str
    asked: tuple[QuestionKind, ...] = ()
    associations: frozenset[str] = frozenset()
    receiver: str | None = None
    reserved_until: datetime | None = None
    open_until: datetime | None = None
    stops: bool = False
    moved_in: bool = False

    def waits_for(self, agreement: Agreement) -> QuestionKind:
        """The question of the route at which the case stands."""
        route = [step.kind for step in agreement.route]
        return next((kind for kind in self.asked if kind in route), WAITS_FOR.get(self.status, QuestionKind.MOVE_IN))


def too_late(case: OpenCase, old: Agreement) -> Iterator[str]:
    """A case goes on under another version until its family has moved in, and while nobody has asked to stop it."""
    if case.status is Status.HOUSED or case.moved_in:
        yield f"the family has moved in: what is booked for it rests on version {old.version}"
    elif case.status not in WAITS_FOR:
        yield f"it is {case.status}"
    elif case.stops:
        yield "it is about to be withdrawn"


def parties_who_left(case: OpenCase, new: Agreement) -> Iterator[str]:
    """Everybody who has a part in the case now is in the new version."""
    if case.sender not in new.sending:
        yield f"version {new.version} no longer has {case.sender} as a sending municipality"
    if case.receiver is not None and case.receiver not in new.receiving:
        yield f"version {new.version} no longer has {case.receiver}, whose home is put forward"
    for association in sorted(case.associations - {*new.associations}):
        yield f"version {new.version} no longer has {association}, which is asked"


def steps_that_differ(case: OpenCase, old: Agreement, new: Agreement) -> Iterator[str]:
    """The case stands at a step of the new route; it left out none before that, and none is asked again."""
    there = {step.kind for step in new.steps}
    if gone := [kind for kind in case.asked if kind not in there]:
        yield f"version {new.version} has no step {gone[0]}, which is asked now"
        return
    waits_for = case.waits_for(old)
    done, to_be_done = _before(old, waits_for), _before(new, waits_for)
    if to_be_done is None:
        yield f"version {new.version} has no step {waits_for}"
        return
    for kind in to_be_done:
        if kind not in (done or []):
            yield f"version {new.version} asks {kind} first, and nobody was asked"
    for kind in done or []:
        if kind in there and kind not in to_be_done:
            yield f"version {new.version} would ask {kind} again"


def reservations_too_short(case: OpenCase, old: Agreement, new: Agreement, now: datetime) -> Iterator[str]:
    """A home that is reserved stays reserved until what is asked meanwhile is due."""
    if case.reserved_until is None:
        return
    before, after = (_days_left(case, agreement) for agreement in (old, new))
    due = max(now, case.open_until or now) + timedelta(days=after)
    if after > before and due > case.reserved_until:
        yield "its home is reserved by the old deadlines, and the new ones could outlast that"


def why_left(case: OpenCase, old: Agreement, new: Agreement, *, now: datetime) -> list[str]:
    """Every reason why a case stays under the old version; empty when it can go on under the new one."""
    if late := list(too_late(case, old)):
        return late
    return [
        *parties_who_left(case, new),
        *steps_that_differ(case, old, new),
        *reservations_too_short(case, old, new, now),
    ]


def _before(agreement: Agreement, kind: QuestionKind) -> list[QuestionKind] | None:
    """The steps of the route before one; None when it is no step of it."""
    route = [step.kind for step in agreement.route]
    return route[: route.index(kind)] if kind in route else None


def _days_left(case: OpenCase, agreement: Agreement) -> int:
    """For how many calendar days at most a home stays reserved after the question that is open now."""
    left = _after(agreement.route, case.waits_for(agreement))
    return CALENDAR_DAYS_A_WORKING_DAY * sum(
        step.answer_within_days + step.grace_days for step in left if step.kind in WHILE_RESERVED
    )


def _after(route: Sequence[Step], kind: QuestionKind) -> Sequence[Step]:
    return route[[step.kind for step in route].index(kind) + 1 :] if kind in [step.kind for step in route] else ()

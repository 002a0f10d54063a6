"""What changes from one version of an agreement to the next, in its file's words, and which cases still meet it."""

import json
from dataclasses import dataclass
from typing import Any

from domain.differences import Changed, changed_values
from domain.parties.agreement import Agreement
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status

# The question that a case in this status waits for, on whichever route.
WAITS_FOR: dict[Status, QuestionKind] = {
    Status.RECEIVED: QuestionKind.SIGN_OFF,
    Status.SEEKING: QuestionKind.OFFER,
    Status.PROPOSED: QuestionKind.APPROVAL,
    Status.APPROVED: QuestionKind.ACCEPTANCE,
    Status.ACCEPTED: QuestionKind.MOVE_IN,
}
# Fields that say nothing of a case that has begun.
OF_NEW_CASES = ("sending", "valid_from", "valid_until")
# The last question of which a field says anything, by the beginning of the field's path. What is not named here counts
# until the family has moved in.
COUNTS_UNTIL: dict[str, QuestionKind] = {
    "associations": QuestionKind.OFFER,
    "associations_at_once": QuestionKind.OFFER,
    "receiving": QuestionKind.OFFER,
    "homes_each": QuestionKind.OFFER,
    "sending_days": QuestionKind.OFFER,
    "sending_hour": QuestionKind.OFFER,
    "reservation_days": QuestionKind.OFFER,
    "beside": QuestionKind.OFFER,
    "approval_shows": QuestionKind.APPROVAL,
    "disclosure_after_minutes": QuestionKind.ACCEPTANCE,
}
# Associations are asked, and move-ins asked about, while a case is in the status already.
ASKED_WITHIN = (QuestionKind.OFFER, QuestionKind.MOVE_IN)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the file that another version has otherwise; a value that is not there is a dash."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldChange, ...]:
    """What changes from one document of an agreement to another, its number apart."""
    found = (one for one in changed_values(before, after) if one.path != "version")
    return tuple(FieldChange(one.path, *_both(one)) for one in found)


def still_met(change: FieldChange, waits_for: QuestionKind, agreement: Agreement) -> bool:
    """Whether a case that waits for a question still meets a change of a field.

    What the question itself promised, its deadline, stays as it is.
    """
    first, _, rest = change.field.partition(".")
    if first in OF_NEW_CASES:
        return False
    route = [step.kind for step in agreement.route]
    place = route.index(waits_for) if waits_for in route else 0
    if first == "route":
        kind = rest.partition(".")[0]
        if kind not in list(QuestionKind) or QuestionKind(kind) not in route:
            return True
        ahead = route.index(QuestionKind(kind)) - place
        return ahead > 0 or (ahead == 0 and kind in ASKED_WITHIN)
    until = COUNTS_UNTIL.get(first)
    return until is None or until not in route or place <= route.index(until)


def _both(one: Changed) -> tuple[str, str]:
    """Both values as they are written; of two lists of words only what differs."""
    if (old := _words(one.before)) and (new := _words(one.after)) and {*old} != {*new}:
        left, came = [each for each in old if each not in new], [each for each in new if each not in old]
        return _written(left), _written(came)
    return _written(one.before), _written(one.after)


def _words(value: object) -> list[str]:
    """A list of words; empty when it is none."""
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else []


def _written(value: object) -> str:
    return "–" if value in (None, [], {}) else json.dumps(value, ensure_ascii=False)

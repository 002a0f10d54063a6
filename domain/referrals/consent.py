"""The family's consent (samtykke): a safeguard beside the public task, which can be withdrawn and then stops the case.

It is kept so that we can show what was consented to (GDPR art. 7(1)) and that children were heard (UN Convention on
the Rights of the Child, art. 12).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# What every family is asked for; another purpose is another consent.
PURPOSE = "a home in another municipality"
RECIPIENTS = (
    "housing associations: the need in bands, without a name",
    "the association and the municipality that the family moves to: who it is, once it has accepted a home",
)
KINDS = ("need of a home", "who the family is", "how it is reached")
# A consent that names no last day ends after a year.
LASTS = timedelta(days=365)
WARNED_BEFORE = timedelta(days=30)


class ConsentGiven(StrEnum):
    """How a consent was given."""

    IN_WRITING = "in_writing"
    DIGITALLY = "digitally"
    ORALLY = "orally"


class ChildrenHeard(StrEnum):
    """Whether the family's children were heard, or why not."""

    HEARD = "heard"
    NO_CHILDREN = "no_children"
    TOO_YOUNG = "too_young"
    WOULD_HARM = "would_harm"


class ConsentWithdrawn(StrEnum):
    """How a consent was withdrawn, or that it expired."""

    CASE_SYSTEM = "case_system"
    PAGE = "page"
    LETTER = "letter"
    PHONE = "phone"
    IN_PERSON = "in_person"
    ENDED = "ended"


class ConsentStanding(StrEnum):
    """A consent's state on a day: it holds, it holds but ends soon, or it has ended."""

    HOLDS = "holds"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Consent:
    """When a family consented, to which colleague, how, whether its children were heard, and the last day it holds."""

    given_on: date
    given_to: str
    how: ConsentGiven
    children: ChildrenHeard
    ends_on: date


def ends_by_itself(given_on: date) -> date:
    """The last day of a consent that names no last day."""
    return given_on + LASTS


def standing(ends_on: date, *, today: date) -> ConsentStanding:
    """A consent's state on a day."""
    if today > ends_on:
        return ConsentStanding.ENDED
    return ConsentStanding.ENDS_SOON if today + WARNED_BEFORE > ends_on else ConsentStanding.HOLDS

"""Letters about the books: a settled month, and claims under an agreement's guarantees. No family is in them."""

from dataclasses import dataclass

from domain.letters import Asked, Told
from domain.questions.claim_facts import ClaimFacts


@dataclass(frozen=True, slots=True)
class MonthRequested(Asked):
    """To a party's finance people: does it approve its statement? `total_ore` is what it gets; negative: it owes."""

    total_ore: int


@dataclass(frozen=True, slots=True)
class ClaimRequested(Asked):
    """To a finance officer of the municipality that pays: is the claim accepted?"""

    claim: ClaimFacts


@dataclass(frozen=True, slots=True)
class ClaimSecondRequested(Asked):
    """To the second person of the municipality that pays, after the first one's yes."""

    claim: ClaimFacts


@dataclass(frozen=True, slots=True)
class ClaimAnswered(Told):
    """To the claimant: what the municipality that pays has answered; `reason` is the code of a no."""

    claim: ClaimFacts
    accepted: bool
    reason: str | None

"""A claim under a guarantee as whoever answers it sees it: nothing of it says anything of a family."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A claim as a letter or page describes it, in øre. `rule` is the guarantee's name.

    `left_ore` is what other claims for the same family leave of the cap, before this one.
    """

    claimant: str
    rule: str
    number: int
    amount_ore: int
    cap_ore: int
    left_ore: int
    evidence_number: str
    evidence_digest: str
    evidence_on: date

"""Claims of case systems to lost cases: decides whose each number is, once everybody was heard."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.referrals.household import FlaggedFamily


@dataclass(frozen=True, slots=True)
class Claim:
    """A municipality's claim that a number is its family's case: proven by our key, or believed by a person."""

    of: str
    family: FlaggedFamily
    reference: str
    is_proven: bool
    is_believed: bool

    def __str__(self) -> str:
        return f"{self.of}: {self.family.flag_id}"


@dataclass(frozen=True, slots=True)
class Settled:
    """The claims to one number: the one that gets it, if any, and the others."""

    reference: str
    has_it: Claim | None
    others: tuple[Claim, ...]


def settled(claims: Iterable[Claim]) -> Iterator[Settled]:
    """Each number with the claim that gets it; the order of asking decides nothing."""
    of_number: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_number[claim.reference].append(claim)
    for reference, some in of_number.items():
        has_it = _whose(some)
        yield Settled(reference, has_it, tuple(one for one in some if one is not has_it))


def _whose(claims: list[Claim]) -> Claim | None:
    """The claim with our key; if several or none have it, the one whose party a person believes."""
    may = [one for one in claims if one.is_proven] or claims
    if len(may) > 1:
        may = [one for one in may if one.is_believed]
    return may[0] if len(may) == 1 else None

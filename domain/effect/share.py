"""What the moves do to an area's share outside the labour market."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moves:
    """Persons who moved into (positive) or out of (negative) an area, and how many are outside the labour market."""

    persons: int = 0
    outside_labour_market: int = 0


def share_after_pct(residents: int | None, outside_pct: float | None, moves: Moves) -> float | None:
    """The share outside the labour market after the moves, in per cent.

    Unknown (None) when the area's figures are unknown: an area without figures is never zero.
    """
    if residents is None or outside_pct is None or residents + moves.persons <= 0:
        return None
    outside = residents * outside_pct / 100 + moves.outside_labour_market
    return 100 * outside / (residents + moves.persons)

"""Dividing amounts in whole øre: each share is rounded half to even; the remainder has an account of its own."""

from collections.abc import Sequence
from fractions import Fraction


def rounded(amount: Fraction) -> int:
    """Whole øre, half to even."""
    return round(amount)


def divided(amount_ore: int, shares: Sequence[Fraction]) -> tuple[list[int], int]:
    """An amount by shares that sum to one, each rounded half to even; and the remainder, which may be below zero."""
    parts = [rounded(amount_ore * share) for share in shares]
    return parts, amount_ore - sum(parts)

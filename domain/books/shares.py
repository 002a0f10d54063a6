"""Amounts in whole øre: how they are divided, rounded and written. A remainder has an account of its own."""

from collections.abc import Sequence
from fractions import Fraction


def rounded(amount: Fraction) -> int:
    """Whole øre, half to even."""
    return round(amount)


def divided(amount_ore: int, shares: Sequence[Fraction]) -> tuple[list[int], int]:
    """An amount by shares that sum to one, each rounded half to even; and the remainder, which may be below zero."""
    parts = [rounded(amount_ore * share) for share in shares]
    return parts, amount_ore - sum(parts)


def kroner(ore: int) -> str:
    """An amount as programs read it: kroner with a full stop and always two decimals, exact, -1234.50."""
    whole, rest = divmod(abs(ore), 100)
    return f"{'-' if ore < 0 else ''}{whole}.{rest:02}"

"""The field names of a feed's rows, collected batch by batch."""

from collections.abc import Iterable

from domain.feeds.breaker import Shape
from domain.text.screening import without_cpr_numbers

NONE: frozenset[str] = frozenset()
# Many times more than the contract has.
MOST_NAMES, LONGEST_NAME = 1000, 120
MOST_KINDS = 1000


class RowNames:
    """The field names of a feed's rows: the names in every row, and the names in any row."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, ...], None] = {}

    def see(self, kinds: Iterable[tuple[str, ...]]) -> None:
        """Take in the names of some rows."""
        self._kinds.update(dict.fromkeys(map(_as_kept, kinds)))
        if len(self._kinds) > MOST_KINDS:
            shape = self.shape()
            self._kinds = dict.fromkeys([tuple(shape.always), tuple(shape.ever)])

    def shape(self) -> Shape:
        """The names of all rows so far."""
        kinds = [frozenset(kind) for kind in self._kinds]
        return Shape(frozenset.intersection(*kinds), frozenset.union(*kinds)) if kinds else Shape(NONE, NONE)


def _as_kept(kind: tuple[str, ...]) -> tuple[str, ...]:
    """Names in the form in which they are stored with a load: a partner may have put anything there."""
    return tuple(without_cpr_numbers(name[:LONGEST_NAME]) for name in kind[:MOST_NAMES])

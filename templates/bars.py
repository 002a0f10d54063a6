"""Bar charts as SVG: where each bar stands, for a template that draws it with a table of the same figures behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

# In the units of the drawing, which is as wide as its page: on a phone a unit is four fifths of a pixel.
WIDTH, PLOT = 360, 200
LABEL, BAR, GAP = 22, 18, 10
THINNEST = 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it begins, how wide it is, its figure in øre, and by its number the column that it belongs to."""

    x: float
    y: float
    width: float
    ore: int
    column: int


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one row, and the height at which its name is written."""

    name: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its size, where zero lies, and its rows from the top."""

    height: float
    zero: float
    groups: tuple[Group, ...]
    width: int = WIDTH


def bars(rows: Sequence[tuple[str, Sequence[int]]]) -> Chart:
    """The chart of some rows, a bar for each figure; bars below zero go to the left of it."""
    figures = [ore for _, ores in rows for ore in ores]
    lowest, highest = min([0, *figures]), max([0, *figures])
    unit = PLOT / ((highest - lowest) or 1)
    zero = round(-lowest * unit, 1)
    groups, y = [], 0.0
    for name, ores in rows:
        drawn = []
        for column, ore in enumerate(ores):
            width = round(max(abs(ore) * unit, THINNEST), 1)
            left = max(zero - width, 0) if ore < 0 else zero
            drawn.append(Bar(left, y + LABEL + column * BAR, width, ore, column))
        groups.append(Group(name, y + LABEL - 6, tuple(drawn)))
        y += LABEL + len(ores) * BAR + GAP
    return Chart(y, zero, tuple(groups))

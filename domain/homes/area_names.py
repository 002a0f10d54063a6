"""Which housing area a name means, however it is written: the one place where names of areas are compared.

A home in a listed area must not pass for one outside because its area is written otherwise. So a name that is no known
area of its municipality does not mean "no listed area": a person says what it means, once.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from domain.text.folded_text import folded

# How the letters are typed where a keyboard or a register lacks them.
_SPELLED_OUT = str.maketrans({"å": "aa", "ø": "oe", "æ": "ae", "ö": "oe", "ä": "ae", "ü": "ue"})
# What separates the halves of a double name, encloses an addition, and precedes the town.
_BETWEEN = re.compile(r"[/\\,;()\[\]{}&+|-]| og | samt ")
_WORD = re.compile(r"[^\W_]+")
# "and more", as the ministry's lists have it.
_AND_MORE = ("mv", "mfl")
_BESIDE = "/"
# No area's name has more words; a department's name may be as long as a line.
MOST_WORDS = 5


@lru_cache(maxsize=10_000)
def _pieces(name: str) -> tuple[tuple[str, ...], ...]:
    """The parts of a name, each as its words."""
    return tuple(tuple(_words_of(piece)) for piece in _BETWEEN.split(folded(name)))


@lru_cache(maxsize=10_000)
def compared(name: str) -> str:
    """A name in the form in which names are compared: its parts, each without case, space, punctuation and accents.

    `Vollsmose (Fyrreparken)` is `vollsmose/fyrreparken`. Empty when no part of it can be read.
    """
    return _BESIDE.join(part for piece in _BETWEEN.split(folded(name)) if (part := _part(piece)))


def _words_of(piece: str) -> list[str]:
    return _WORD.findall(piece.translate(_SPELLED_OUT))


def _part(piece: str) -> str:
    words = _words_of(piece)
    for ending in _AND_MORE:
        for several in (1, 2):
            if len(words) > several and "".join(words[-several:]) == ending:
                words = words[:-several]
    return "".join(words)


def _halves(name: str) -> set[str]:
    """Other names of an area: each half of a double name, but never the town behind its comma."""
    return set(compared(name.partition(",")[0]).split(_BESIDE)) - {""}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means: an area, or no listed area. Without `is_known` a person has yet to say which."""

    area_id: int | None = None
    is_known: bool = True


IN_NO_AREA = Meaning()
NOBODY_KNOWS = Meaning(is_known=False)


class Areas:
    """The areas of each municipality by name, prepared for comparing; each is municipality, name and id."""

    def __init__(self, areas: Iterable[tuple[str, str, int]]) -> None:
        self.whole: dict[tuple[str, str], int] = {}
        self.parts: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self.municipalities: set[str] = set()
        for municipality, name, area_id in areas:
            self.whole[municipality, compared(name)] = area_id
            self.municipalities.add(municipality)
            for half in _halves(name):
                self.parts[municipality, half].add(area_id)

    def among(self, municipality: str, name: str) -> set[int]:
        """The areas whose whole name, or half of it, is one of the parts of a compared name."""
        found = set()
        for part in name.split(_BESIDE):
            whole = self.whole.get((municipality, part))
            found |= self.parts.get((municipality, part), set()) if whole is None else {whole}
        return found

    def within(self, municipality: str, name: str) -> set[int]:
        """The areas whose whole name, or half of it, stands among the words of a name as it is written."""
        found = set()
        for words in _pieces(name):
            for first in range(len(words)):
                for last in range(first + 1, min(first + MOST_WORDS, len(words)) + 1):
                    found |= self.among(municipality, "".join(words[first:last]))
        return found


# The areas change once a year, and every search asks for them.
areas_of = lru_cache(maxsize=4)(Areas)


@dataclass(frozen=True, slots=True)
class AreaNames:
    """What names mean: the areas, and what people have said about other names.

    Those names are `compared` ones; None is no listed area.
    """

    areas: Areas
    said: Mapping[tuple[str, str], int | None] = field(default_factory=dict)

    def is_one(self, municipality: str, name: str) -> bool:
        """Whether a compared name is an area's own whole name: nobody can give it another meaning."""
        return (municipality, name) in self.areas.whole

    def meaning(self, municipality: str, name: str | None) -> Meaning:
        """What a compared name means in a municipality.

        An area's own name comes first, then what a person has said, then a part that is one area's name or half of it.
        """
        if not name or municipality not in self.areas.municipalities:
            return IN_NO_AREA
        if (area_id := self.areas.whole.get((municipality, name))) is not None:
            return Meaning(area_id)
        if (municipality, name) in self.said:
            return Meaning(self.said[municipality, name])
        found = self.areas.among(municipality, name)
        return Meaning(found.pop()) if len(found) == 1 else NOBODY_KNOWS

    def of_home(self, municipality: str, area_name: str | None, department: str) -> Meaning:
        """The area of a home: the one that its association names; else the one that its department's name contains.

        `Vollsmose 2` lies in Vollsmose unless a person has said otherwise. Nobody is asked about a department's name,
        as most are no area's name.
        """
        if area_name:
            return self.meaning(municipality, area_name)
        if municipality not in self.areas.municipalities:
            return IN_NO_AREA
        meant = self.meaning(municipality, compared(department))
        if meant.is_known:
            return meant
        found = self.areas.within(municipality, department)
        if not found:
            return IN_NO_AREA
        return Meaning(found.pop()) if len(found) == 1 else NOBODY_KNOWS

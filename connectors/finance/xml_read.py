"""Reads a small XML document whole: the texts in it, by where they stand.

Generous in form: byte order marks, white space before the declaration, any prefix, any encoding the parser takes.
A document type, and with it every entity of somebody's own, is refused; size, depth, names and values are limited.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError, ParserCreate

from connectors.first_look import without_white
from domain.errors import Invalid

LARGEST_BYTES = 1_000_000
MOST_NAMES, MOST_DEEP, MOST_VALUES = 1_000, 30, 2_000
LONGEST_ID = 200
WHAT = "document"


@dataclass(slots=True)
class Values:
    """The texts of a document by where they stand, below its root."""

    texts: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    begun: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def times(self, *place: str) -> int:
        """How many elements begin there, also empty ones."""
        return self.begun[place]

    def all(self, *place: str) -> list[str]:
        """Every text that stands there and is not empty."""
        return [text for text in self.texts.get(place, []) if text]

    def one(self, *place: str, must_be_there: bool = True) -> str:
        """The one text that stands there; empty when there is none and need not be. `Invalid` for two."""
        found = self.all(*place)
        if len(found) > 1 or (must_be_there and not found):
            raise Invalid(place[-1], "is there more than once" if found else "is missing")
        text = found[0] if found else ""
        if len(text) > LONGEST_ID or not text.isprintable():
            raise Invalid(place[-1], f"must be one line of at most {LONGEST_ID} signs that are seen")
        return text


class _Reading:
    """Reads a document once."""

    def __init__(self, root: str, space: str) -> None:
        self._root, self._space = root, space
        # Without namespaces, with which the parser keeps each name together with its prefix's whole URI.
        self._parser = ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._data
        self._parser.EndElementHandler = self._end
        self._names: set[str] = set()
        self._path: list[str] = []
        self._text: list[str] = []
        self._values = Values()
        self._kept = 0

    def values(self, data: bytes) -> Values:
        """What the document says."""
        try:
            self._parser.Parse(without_white(data), True)
        except (ExpatError, LookupError, ValueError):
            # Their texts may hold what the document says, such as the name of its encoding.
            raise Invalid(WHAT, "is no XML that is whole and plain") from None
        return self._values

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._names.update((tag, *attributes))
        if len(self._names) > MOST_NAMES or len(self._path) == MOST_DEEP:
            raise Invalid(WHAT, "has too many names, or is too deep")
        prefix, _, name = tag.rpartition(":")
        space = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns")
        if not self._path and (name, space) != (self._root, self._space):
            raise Invalid(WHAT, f"is no {self._root} in its namespace")
        self._path.append(name)
        self._text = []
        self._values.begun[tuple(self._path[1:])] += 1

    def _data(self, text: str) -> None:
        self._text.append(text)

    def _end(self, _tag: str) -> None:
        text = "".join(self._text).strip()
        self._text = []
        if text:
            self._kept += 1
            if self._kept > MOST_VALUES:
                raise Invalid(WHAT, "has too many values")
            self._values.texts.setdefault(tuple(self._path[1:]), []).append(text)
        self._path.pop()


def _refuse(*_told: object) -> None:
    raise Invalid(WHAT, "declares a document type")


def values_in(data: bytes, *, root: str, space: str) -> Values:
    """What a document says whose root has this name in this namespace. `Invalid` when it is none, or not plain."""
    if len(data) > LARGEST_BYTES:
        raise Invalid(WHAT, f"larger than {LARGEST_BYTES} bytes")
    return _Reading(root, space).values(data)

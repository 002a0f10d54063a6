"""On which line each key, table and item of a list stands in a TOML document: Python's reader keeps no lines.

No other reader is asked: it could read a document in another way than the one that counts.
"""

import re
import tomllib
from dataclasses import dataclass, field

# Of three quotes that end a text, the first two may be a part of it.
_SIGNS = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[^\s\[\]{}=,.#\"']+"
    r"|[\n\[\]{}=,.]",
    re.DOTALL,
)
_WRONG_AT = re.compile(r"\(at line (\d+), ")


@dataclass(slots=True)
class Place:
    """Where something stands in a document: its line, and what stands in it by its key, or by its number from 0 on.

    `tables` says that it is a list whose tables each begin with two brackets.
    """

    line: int
    below: "dict[int | str, Place]" = field(default_factory=dict)
    tables: bool = False

    def put(self, key: int | str, line: int) -> "Place":
        """What stands here under a key; unless it is known, it begins on this line."""
        if key not in self.below:
            self.below[key] = Place(line)
        return self.below[key]


def places_of(text: str) -> Place:
    """Where everything stands in a document that can be read. A table with a header of its own stands there."""
    found, line, reached = _Document(), 1, 0
    for sign in _SIGNS.finditer(text):
        line += text.count("\n", reached, sign.start())
        reached = sign.start()
        found.read(sign[0], line)
    return found.whole


def line_of_fault(error: tomllib.TOMLDecodeError, text: str) -> int:
    """The line at which a document can no longer be read."""
    said = _WRONG_AT.search(str(error))
    return int(said[1]) if said else text.count("\n") + 1


class _Document:
    """What was read of a document so far."""

    def __init__(self) -> None:
        self.whole = self.table = Place(1)
        # The lists and inline tables that have begun, each with whether it is a list.
        self.opened: list[tuple[Place, bool]] = []
        # The names of a key, until its value or its bracket comes; read only where a key may stand.
        self.names: list[str] = []
        self.key_is_read = True
        self.brackets = 0
        # In what the value that is read next stands.
        self.awaited: Place | None = None

    def read(self, sign: str, line: int) -> None:
        """Read one sign."""
        if sign.startswith("#"):
            return
        if sign == "\n":
            if not self.opened:
                self.names, self.brackets, self.awaited, self.key_is_read = [], 0, None, True
        elif self.awaited is not None and sign not in ("]", ","):
            self._begin_value(self.awaited, sign, line)
        elif sign in ("]", "}") and self.opened:
            self.opened.pop()
            self.awaited, self.key_is_read = None, False
        elif sign == ",":
            inside, is_list = self.opened[-1]
            self.awaited, self.key_is_read, self.names = inside if is_list else None, not is_list, []
        elif self.key_is_read:
            self._read_key(sign, line)

    def _begin_value(self, inside: Place, sign: str, line: int) -> None:
        place = inside.put(self.names.pop() if self.names else len(inside.below), line)
        self.awaited = place if sign == "[" else None
        self.key_is_read = sign == "{"
        if sign in ("[", "{"):
            self.opened.append((place, sign == "["))

    def _read_key(self, sign: str, line: int) -> None:
        if sign == "=":
            self.awaited = self.opened[-1][0] if self.opened else self.table
            for name in self.names[:-1]:
                self.awaited = self.awaited.put(name, line)
            del self.names[:-1]
        elif sign == "[":
            self.brackets += 1
        elif sign == "]":
            self._begin_table(line)
        elif sign != ".":
            self.names.append(_name(sign))

    def _begin_table(self, line: int) -> None:
        place = self.whole
        for number, name in enumerate(self.names, start=1):
            place = place.put(name, line)
            if number == len(self.names) and self.brackets > 1:
                place.tables = True
                place = place.put(len(place.below), line)
            elif place.tables:
                place = place.below[len(place.below) - 1]
        place.line = line
        self.table, self.names, self.key_is_read = place, [], False


def _name(sign: str) -> str:
    if sign.startswith('"'):
        return next(iter(tomllib.loads(f"{sign} = 1")))
    return sign.strip("'")

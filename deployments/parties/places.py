"""In which line of a parties' file a fault stands: that of the deepest place to which its words lead."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deployments.toml_places import Place, places_of
from domain.parties.parties_file import Fault

# By these an item of a list is called in a fault, beside its number.
NAMED_BY = ("id", "party", "kind", "name", "from_day", "role")


class Places:
    """The lines of one file. They are looked for when the first fault is found: most files have none."""

    def __init__(self, name: str, text: str, content: Mapping[str, Any]) -> None:
        self._name, self._text, self._content = name, text, content
        self._whole: Place | None = None

    def at(self, way: Sequence[int | str]) -> str:
        """The file and the line of what stands at a way of keys and numbers, or nearest above it."""
        place = self._places
        for step in way:
            if step not in place.below:
                break
            place = place.below[step]
        return f"{self._name}:{place.line}"

    def of(self, fault: Fault) -> str:
        """The file and the line of a fault, by the names of its entry and its fields."""
        kind, _, name = fault.entry.partition(" ")
        found = [number for number, entry in self._entries(kind) if _is_meant(entry, name, fault.version)]
        if not found:
            return self.at((kind,))
        way: tuple[int | str, ...] = (kind, found[-1])
        value: Any = self._content[kind][found[-1]]
        for word in _words(fault):
            for step in _steps(value, word):
                way, value = (*way, step), value[step]
        return self.at(way)

    @property
    def _places(self) -> Place:
        if self._whole is None:
            self._whole = places_of(self._text)
        return self._whole

    def _entries(self, kind: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        entries = self._content.get(kind)
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield number, entry


def _is_meant(entry: Mapping[str, Any], name: str, version: int | None) -> bool:
    called = name in (entry.get("id"), entry.get("party"))
    return called and (version is None or entry.get("version") == version)


def _words(fault: Fault) -> Iterator[str]:
    """`compensation: parts.0.reception.paid_by: the shares …`: the words that say where, before the sentence."""
    yield from fault.field.replace(" ", ".").split(".")
    *places, _ = fault.reason.split(": ")
    for place in places:
        first = place.split(", ")[0]
        if " " in first:
            return
        yield from first.split(".")


def _steps(value: Any, word: str) -> Iterator[int | str]:  # noqa: ANN401  # whatever somebody wrote
    """The step that a word means here, if any: a key, a number, or the name of an item of a list."""
    if isinstance(value, dict) and word in value:
        yield word
    elif isinstance(value, list):
        if word.isascii() and word.isdecimal() and int(word) < len(value):
            yield int(word)
            return
        for number, item in enumerate(value):
            if isinstance(item, dict) and word in [str(item.get(named)) for named in NAMED_BY]:
                yield number
                return

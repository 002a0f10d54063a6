"""Reads a file of agreements and partners, and reports every fault at once.

Faults repeat only the names of fields and entries: elsewhere somebody may have written a token by mistake.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from deployments.files import MOST_BYTES_OF_TOML, text_of, toml_in
from deployments.parties.meant import UNKNOWN_KIND, at, meant, unsaid_kinds
from deployments.parties.places import Places
from domain.parties.agreement import Agreement
from domain.parties.parties_file import Fault, PartiesFile
from domain.parties.party import Partner
from domain.text.nearest import nearest
from storage.parties.agreements import AGREEMENTS
from storage.parties.partners import PARTNERS

KINDS: dict[str, tuple[TypeAdapter[Any], type, str]] = {
    "agreement": (AGREEMENTS, Agreement, "id"),
    "partner": (PARTNERS, Partner, "party"),
}
UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


def read(path: Path) -> PartiesFile:
    """Read a file. `FileOutOfReach` when it cannot be read, or is not TOML."""
    text = text_of(path, most=MOST_BYTES_OF_TOML)
    content = toml_in(text, path)
    places = Places(path.name, text, content)
    found = PartiesFile(path.name, where=places.of)
    found.faults += _unknown_tables(content)
    for kind in KINDS:
        found.faults += _wrong_list(content, kind)
    found.faults = [*map(found.placed, found.faults)]
    for kind in KINDS:
        for number, entry in enumerate(_tables(content, kind)):
            _read_entry(kind, number, entry, found, places)
    return found


def _unknown_tables(content: Mapping[str, Any]) -> Iterator[Fault]:
    if not content:
        yield Fault("the file", "", "holds nothing: each agreement begins with [[agreement]], each party [[partner]]")
    for name in content.keys() - KINDS.keys():
        near = nearest(name, KINDS) or "agreement]] and [[partner"
        yield Fault(name, "", f"is not known here: entries begin with [[{near}]]")


def _tables(content: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    entries = content.get(kind, [])
    return entries if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries) else []


def _wrong_list(content: Mapping[str, Any], kind: str) -> Iterator[Fault]:
    if content.get(kind, []) != _tables(content, kind):
        yield Fault(kind, "", f"each begins with [[{kind}]], in two brackets")


def _read_entry(kind: str, number: int, entry: dict[str, Any], found: PartiesFile, places: Places) -> None:
    adapter, into, named_by = KINDS[kind]
    name = entry.get(named_by)
    if isinstance(name, str):
        found.named.add(name)
    called = f"{kind} {name}" if isinstance(name, str) and name else f"{kind} no. {number + 1} without {named_by}"
    fault = partial(_fault, called, (kind, number), places)
    found.faults += [fault(way, UNKNOWN_KIND) for way in unsaid_kinds(entry)]
    # Unknown fields are reported and left out, so that the rest is judged too.
    for left_out in (False, True):
        try:
            read_one = adapter.validate_python(entry, strict=False)
        except ValidationError as error:
            if left_out:
                return
            wrong = meant(error.errors(include_input=False, include_url=False), entry)
            found.faults += [fault(one["loc"], _reason(one, into, entry)) for one in wrong]
            entry = _without(entry, [one["loc"] for one in wrong if one["type"] in UNKNOWN])
        else:
            (found.agreements if kind == "agreement" else found.partners).append(read_one)
            return


def _fault(called: str, entry: tuple[str, int], places: Places, way: Sequence[int | str], reason: str) -> Fault:
    return Fault(called, ".".join(map(str, way)), reason, where=places.at((*entry, *way)))


def _without(entry: dict[str, Any], paths: Sequence[tuple[int | str, ...]]) -> dict[str, Any]:
    left = deepcopy(entry)
    for *above, last in paths:
        place: Any = left
        for step in above:
            place = place[step]
        del place[last]
    return left


def _reason(error: Mapping[str, Any], into: type, entry: dict[str, Any]) -> str:
    if error["type"] in UNKNOWN:
        known = _names_at(error["form"] or into, error["within"][:-1])
        near = nearest(str(error["loc"][-1]), known)
        return f"is not known here: {f'did you mean {near}?' if near else 'one of ' + ', '.join(known)}"
    if error["type"] in ("missing", "missing_argument"):
        return "is missing"
    reason = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    # Only the word that was meant is repeated, and never the one that was written.
    near = nearest(str(at(entry, error["loc"])), re.findall("'(.+?)'", reason)) if error["type"] == "enum" else None
    return f"{reason}: did you mean {near}?" if near else reason


def _names_at(into: object, path: Sequence[int | str]) -> list[str]:
    """The names of the fields at a path inside a dataclass."""
    place = into
    for step in path:
        place = next((one for one in _alternatives(place) if is_dataclass(one) or get_args(one)), place)
        if is_dataclass(place):
            place = get_type_hints(place).get(str(step), place)
        else:
            place = next((one for one in reversed(get_args(place)) if one is not Ellipsis), place)
    found = next((one for one in _alternatives(place) if is_dataclass(one)), None)
    return [one.name for one in fields(found)] if found is not None else []


def _alternatives(of: object) -> tuple[object, ...]:
    return get_args(of) if get_origin(of) in (Union, UnionType) else (of,)

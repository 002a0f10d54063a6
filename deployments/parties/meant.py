"""Which of several forms a part of a file was meant to have: pydantic reports the faults of each that it tried."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args

from domain.parties.compensation.model import Compensation, CompensationModel
from domain.parties.compensation.parts import Part

FORMS: dict[str, type] = {one.__name__: one for one in (*get_args(Compensation), *get_args(Part))}
KINDS: dict[str, str] = {
    str(field.default): one.__name__ for one in get_args(Part) for field in fields(one) if field.name == "kind"
}
# What only a model of parts has; the plainest terms have neither.
OF_A_MODEL = {"parts", "guarantee_days", "ceiling_ore", "indexation", "fund_held_by", "invented"}
UNKNOWN_KIND = f"must be one of {', '.join(KINDS)}"
Step = int | str


def unsaid_kinds(entry: Mapping[str, Any]) -> Iterator[tuple[Step, ...]]:
    """Where a part does not say its kind: pydantic would take it for the first kind that fits."""
    terms = entry.get("compensation")
    parts = terms.get("parts") if isinstance(terms, dict) else None
    for number, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict) and "kind" not in part:
            yield ("compensation", "parts", number, "kind")


def meant(faults: Sequence[Mapping[str, Any]], entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The faults of the forms that were meant; the names of forms no longer stand in where they are (`loc`).

    `form` is the innermost form, and `within` the way in it.
    """
    found: dict[tuple[Step, ...], dict[str, Any]] = {}
    for fault in faults:
        for one in _of_the_form(fault, entry):
            found.setdefault(one["loc"], one)
    return list(found.values())


def _of_the_form(fault: Mapping[str, Any], entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    way: tuple[Step, ...] = ()
    form, within = None, tuple(fault["loc"])
    for place, step in enumerate(fault["loc"]):
        if step not in FORMS:
            way = (*way, step)
            continue
        value = at(entry, way)
        if not isinstance(value, dict):
            yield {**fault, "loc": way, "msg": "must be a table", "form": None, "within": way}
            return
        if step in KINDS.values() and value.get("kind") not in KINDS:
            yield {**fault, "type": "kind", "loc": (*way, "kind"), "msg": UNKNOWN_KIND, "form": None, "within": way}
            return
        if not _is_meant(str(step), value):
            return
        form, within = FORMS[str(step)], tuple(fault["loc"][place + 1 :])
    yield {**fault, "loc": way, "form": form, "within": within}


def _is_meant(form: str, value: Mapping[str, Any]) -> bool:
    if form in KINDS.values():
        return KINDS[value["kind"]] == form
    return (form == CompensationModel.__name__) == bool(OF_A_MODEL & value.keys())


def at(entry: Any, way: Sequence[Step]) -> Any:  # noqa: ANN401  # whatever somebody wrote
    """What stands at a path in an entry."""
    for step in way:
        entry = entry[step]
    return entry

"""Where two versions of a document differ: the paths that were added, changed or removed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NAMED_BY = ("id", "kind", "from_day")


@dataclass(frozen=True, slots=True)
class Changed:
    """A path whose value differs now; None is no value."""

    path: str
    before: object
    after: object


def differences(before: object, after: object) -> Iterator[str]:
    """`contacts.chef.email changed`: each path whose value differs now, and never the value."""
    for one in changed_values(before, after):
        yield f"{one.path} {'taken out' if one.after is None else 'added' if one.before is None else 'changed'}"


def changed_values(before: object, after: object, path: str = "") -> Iterator[Changed]:
    """Each path whose value differs now, with both values; items of a list by their names."""
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        if before != after:
            yield Changed(path, before, after)
        return
    for name in [*old, *(name for name in new if name not in old)]:
        where = f"{path}.{name}" if path else name
        if name in new and name in old:
            yield from changed_values(old[name], new[name], where)
        else:
            yield Changed(where, old.get(name), new.get(name))


def _parts(of: object) -> Mapping[str, object] | None:
    if isinstance(of, Mapping):
        # An empty value counts as a missing one.
        return {str(name): one for name, one in of.items() if one not in (None, [], {})}
    if isinstance(of, list) and of and all(isinstance(one, Mapping) for one in of):
        return {_name(one, number): one for number, one in enumerate(of)}
    return {} if of in (None, [], {}) else None


def _name(table: Mapping[str, object], number: int) -> str:
    return next((str(table[name]) for name in NAMED_BY if name in table), str(number))

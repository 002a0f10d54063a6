"""Where two versions of a document differ: the paths that were added, changed or removed, never the values."""

from collections.abc import Iterator, Mapping

NAMED_BY = ("id", "kind", "from_day")


def differences(before: object, after: object, path: str = "") -> Iterator[str]:
    """`contacts.chef.email changed`: each path whose value differs now; items of a list by their names."""
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        if before != after:
            yield f"{path} changed"
        return
    for name in [*old, *(name for name in new if name not in old)]:
        where = f"{path}.{name}" if path else name
        if name not in new:
            yield f"{where} taken out"
        elif name not in old:
            yield f"{where} added"
        else:
            yield from differences(old[name], new[name], where)


def _parts(of: object) -> Mapping[str, object] | None:
    if isinstance(of, Mapping):
        # An empty value counts as a missing one.
        return {str(name): one for name, one in of.items() if one not in (None, [], {})}
    if isinstance(of, list) and of and all(isinstance(one, Mapping) for one in of):
        return {_name(one, number): one for number, one in enumerate(of)}
    return {} if of in (None, [], {}) else None


def _name(table: Mapping[str, object], number: int) -> str:
    return next((str(table[name]) for name in NAMED_BY if name in table), str(number))

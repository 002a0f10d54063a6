"""Searches everything that any process wrote for data that identify a family."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deployments.standins.world import Sent


@dataclass(frozen=True, slots=True)
class Leak:
    """Where personal data were found, and of which kind; never the data themselves."""

    where: str
    what: str


_NUMBER = ("cpr", "cpr without hyphen")
# By the end of the path to which a family is disclosed: the kinds of data that must not be sent even there.
TOO_MUCH = {"/tenants": ("address", "note", *_NUMBER), "/newcomers": ("address", "note")}


def canaries(flags: Iterable[Sent]) -> list[tuple[str, str, bytes]]:
    """What to search for: case id, kind, and the bytes."""
    found = []
    for flag in flags:
        identity = flag["identity"]
        if not isinstance(identity, dict):
            continue
        surname = str(identity["adult_name"]).split()[-1]
        values = {
            "adult_name": identity["adult_name"],
            "surname": surname,
            "cpr": identity["cpr"],
            "cpr without hyphen": str(identity["cpr"]).replace("-", ""),
            "email": identity["email"],
            "phone": identity["phone"],
            "address": identity["address"],
            "note": str(identity["note"]).split()[-1].rstrip("."),
        }
        found += [(str(flag["case_id"]), kind, str(value).encode()) for kind, value in values.items()]
    return found


def leaks(
    folder: Path, flags: Iterable[Sent], *, accepted: frozenset[str], skip: frozenset[Path] = frozenset()
) -> list[Leak]:
    """Every place with a family's data: in the files below a folder, and in the journal of what partners were told.

    `accepted` are the case ids of the families who accepted a home: the association and the municipality that they
    move to may know who they are, and nobody else.
    """
    wanted = canaries(flags)
    journal = folder / "journal.jsonl"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path not in skip | {journal}]
    found = [leak for path in files for leak in _in_bytes(str(path.relative_to(folder)), path.read_bytes(), wanted)]
    for line in journal.read_text(encoding="utf-8").splitlines():
        found += _in_journal(json.loads(line), wanted, accepted)
    return found


def _in_bytes(where: str, content: bytes, wanted: Iterable[tuple[str, str, bytes]]) -> Iterator[Leak]:
    for _, kind, value in wanted:
        text = value.decode()
        # As UTF-8, as UTF-16, and as JSON escapes it.
        forms = (value, text.encode("utf-16-le"), json.dumps(text).strip('"').encode())
        if any(form in content for form in forms):
            yield Leak(where, kind)


def _in_journal(
    line: dict[str, object], wanted: list[tuple[str, str, bytes]], accepted: frozenset[str]
) -> Iterator[Leak]:
    """The leaks in a request or letter; only a tenancy and a handover may identify a family, after it has accepted."""
    if line["kind"] == "mail":
        text = _without_envelope(line)
        yield from _in_bytes("a letter", text.encode(), wanted)
        return
    path = str(line["path"])
    too_much = next((fields for end, fields in TOO_MUCH.items() if path.endswith(end)), None)
    forbidden = [one for one in wanted if too_much is None or one[0] not in accepted or one[1] in too_much]
    yield from _in_bytes(path, (path + str(line["body"])).encode(), forbidden)


def _without_envelope(line: dict[str, object]) -> str:
    """A letter without the address of its recipient, which it must contain."""
    decoded = line["decoded"]
    head, _, body = str(line["message"]).replace("\r\n", "\n").partition("\n\n")
    headers = "\n".join(header for header in head.split("\n") if not header.lower().startswith("to:"))
    return headers + "\n\n" + body + json.dumps(decoded, ensure_ascii=False)

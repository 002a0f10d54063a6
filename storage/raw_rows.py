"""A row of a feed as it came, byte for byte: a duplicate key, white space or 3.0 is what its association must see."""

import html
import json
import re
from contextlib import suppress

import msgspec

from domain.ports import JsonPage, RawVacancy
from domain.screening import without_cpr_numbers

_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|&#?\w+;")
NOT_TO_BE_FOUND = b"a row that cannot be written down"


class _Rows(msgspec.Struct):
    vacancies: list[msgspec.Raw]


_READ = msgspec.json.Decoder(_Rows)


def to_keep(raw: RawVacancy) -> bytes:
    """A row as it came, but for what may be a CPR number: that is made unreadable, also where it is escaped."""
    came = as_bytes(raw)
    read = _ESCAPES.sub(_unescaped, came.decode("utf-8", "surrogateescape"))
    hidden = without_cpr_numbers(read)
    return came if hidden == read else hidden.encode("utf-8", "replace")


def _unescaped(found: re.Match[str]) -> str:
    return html.unescape(found[0]) if found[0].startswith("&") else str(json.loads(f'"{found[0]}"'))


def as_bytes(raw: RawVacancy) -> bytes:
    """A row as it came."""
    if isinstance(raw.source, JsonPage):
        return _row_of(raw.source, raw.line)
    return raw.source.encode("utf-8", "surrogateescape") if isinstance(raw.source, str) else raw.source


def _row_of(page: JsonPage, line: int) -> bytes:
    """Where the rows stand is looked up once a page, and only on pages that have a row for quarantine."""
    if page.rows is None:
        page.rows = ()
        # Deeper than this reader goes, or not JSON as it has it: what was read is judged, and only not shown.
        with suppress(msgspec.DecodeError, RecursionError):
            page.rows = _READ.decode(page.body).vacancies
    at = line - page.before - 1
    return bytes(page.rows[at]) if at < len(page.rows) else NOT_TO_BE_FOUND

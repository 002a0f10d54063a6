"""A row of a feed as it came, byte for byte: a duplicate key, white space or 3.0 is what its association must see."""

import html
import json
import re
from contextlib import suppress

import msgspec
import orjson

from domain.ports import JsonPage, RawVacancy
from domain.screening import without_cpr_numbers

# What stands for other signs, and what stands between signs and is not read: of JSON, and of XML.
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\/|&#?\w+;|<!--.*?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
NOT_TO_BE_FOUND = b"a row that cannot be written down"


class _Page(msgspec.Struct):
    vacancies: msgspec.Raw


_PAGE = msgspec.json.Decoder(_Page)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


def to_keep(raw: RawVacancy) -> bytes:
    """A row as it came, but for what may be a CPR number: that is made unreadable, also where it is escaped."""
    came = as_bytes(raw)
    read = _ESCAPES.sub(_unescaped, came.decode("utf-8", "surrogateescape"))
    hidden = without_cpr_numbers(read)
    return came if hidden == read else hidden.encode("utf-8", "replace")


def _unescaped(found: re.Match[str]) -> str:
    match found[0][0]:
        case "&":
            return html.unescape(found[0])
        case "\\":
            return str(json.loads(f'"{found[0]}"'))
        case _:
            return ""


def as_bytes(raw: RawVacancy) -> bytes:
    """A row as it came."""
    if isinstance(raw.source, JsonPage):
        return _row_of(raw.source, raw)
    return raw.source.encode("utf-8", "surrogateescape") if isinstance(raw.source, str) else raw.source


def _row_of(page: JsonPage, raw: RawVacancy) -> bytes:
    """Where the rows stand is looked up once a page, and only on pages that have a row for quarantine."""
    if page.rows is None:
        page.rows = ()
        # One row that is nested deeper than this reader goes, and none of its page is found.
        with suppress(msgspec.DecodeError, RecursionError):
            page.rows = _ROWS.decode(_PAGE.decode(page.body).vacancies)
    at = raw.line - page.before - 1
    if at < len(page.rows):
        return bytes(page.rows[at])
    with suppress(orjson.JSONEncodeError):
        return orjson.dumps(raw.values)
    return NOT_TO_BE_FOUND

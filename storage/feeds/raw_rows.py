"""A row of a feed as it came, byte for byte: its association must see a duplicate key, white space or 3.0."""

import html
import json
import re
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import orjson

from domain.ports.vacancy_feed import JsonPage, RawVacancy
from domain.text.folded_text import UNSEEN, as_read
from domain.text.screening import without_cpr_numbers

# Enough to mend a row by. A little more is searched, so that no number is cut in two at the end.
LONGEST_RAW_BYTES = 20_000
_BEYOND_BYTES = 500
_FOR_THE_MARK = 40
# Escapes that stand for other signs, in JSON and XML; an endless number is no escape.
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\[/bfnrt]|&#?\w{1,32};|<!\[CDATA\[|\]\]>")
_WHITE = re.compile(r"\\[bfnrt]")
# The beginnings and ends of markup that is not read.
_UNREAD = {"<!--": "-->", "<?": "?>"}
_BEGINS = re.compile("|".join(map(re.escape, _UNREAD)))
_IN_A_NUMBER = "0123456789oOIl .-/_:()[]{}*'`~#\\|" + UNSEEN
NOT_TO_BE_FOUND = b"a row that cannot be written down"


class _Page(msgspec.Struct):
    vacancies: list[msgspec.Raw]


class _OddPage(msgspec.Struct):
    vacancies: msgspec.Raw


_PAGE = msgspec.json.Decoder(_Page)
# Where `vacancies` stands twice the last counts, and the first may be anything; this reader takes twice as long.
_ODD_PAGE = msgspec.json.Decoder(_OddPage)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])


def to_keep(raw: RawVacancy) -> bytes:
    """A row as it came, but with what may be a CPR number made unreadable, even where it is escaped.

    A row that is too large is cut before it is searched, and says by how much.
    """
    came = as_bytes(raw)
    if len(came) <= LONGEST_RAW_BYTES:
        return without_numbers(came)
    looked_at = without_numbers(came[: LONGEST_RAW_BYTES + _BEYOND_BYTES])
    most = LONGEST_RAW_BYTES - _FOR_THE_MARK
    return _without_end(looked_at[:most]) + f" … [+{len(came) - most} bytes]".encode()


def without_numbers(came: bytes) -> bytes:
    """A row of any size, with what may be a CPR number made unreadable."""
    written = came.decode("utf-8", "surrogateescape")
    read = _ESCAPES.sub(_unescaped, written)
    hidden = without_cpr_numbers(read)
    # A number may stand within unread markup, or on both sides of it.
    bare = _without_unread(hidden)
    joined = without_cpr_numbers(bare) if bare != hidden else hidden
    if joined == bare and hidden == read:
        return came
    return (hidden if joined == bare else joined).encode("utf-8", "replace")


def _without_unread(text: str) -> str:
    """A text without comments and the like; an unclosed one goes on to the end."""
    kept, start = [], 0
    while found := _BEGINS.search(text, start):
        kept.append(text[start : found.start()])
        ends = _UNREAD[found[0]]
        end = text.find(ends, found.end())
        start = len(text) if end < 0 else end + len(ends)
    return "".join([*kept, text[start:]])


def _without_end(cut: bytes) -> bytes:
    """The beginning of a row that was cut, without a number that may go on behind the cut."""
    text = cut.decode("utf-8", "surrogateescape")
    for begins, ends in _UNREAD.items():
        begun = text.rfind(begins)
        if begun >= 0 and text.find(ends, begun) < 0:
            text = text[:begun]
    return text[: len(as_read(text).rstrip(_IN_A_NUMBER))].encode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[str]) -> str:
    match found[0][0]:
        case "&":
            return html.unescape(found[0])
        case "\\":
            return " " if _WHITE.match(found[0]) else str(json.loads(f'"{found[0]}"'))
        case _:
            return ""


def as_bytes(raw: RawVacancy) -> bytes:
    """A row as it came."""
    if isinstance(raw.source, JsonPage):
        return _row_of(raw.source, raw)
    return raw.source.encode("utf-8", "surrogateescape") if isinstance(raw.source, str) else raw.source


def _row_of(page: JsonPage, raw: RawVacancy) -> bytes:
    """The row's own bytes. A page's rows are located once, and only on pages with a row for quarantine."""
    if page.rows is None:
        page.rows = _rows_in(page.body)
    index = raw.line - page.before - 1
    if index < len(page.rows):
        return bytes(page.rows[index])
    with suppress(orjson.JSONEncodeError):
        return orjson.dumps(raw.values)
    return NOT_TO_BE_FOUND


def _rows_in(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    """The rows of a page, byte for byte; none when a row is nested too deep for this reader."""
    with suppress(msgspec.DecodeError, RecursionError):
        return _PAGE.decode(body).vacancies
    with suppress(msgspec.DecodeError, RecursionError):
        return _ROWS.decode(_ODD_PAGE.decode(body).vacancies)
    return ()

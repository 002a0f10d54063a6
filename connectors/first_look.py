"""Recognises, by its beginning, what a partner has sent instead of a feed."""

import re

from domain.errors import Seen, Unreadable

LOOKED_AT_BYTES = 1_000
# Byte order marks in UTF-8, as many as serialisers have put there.
_MARKS = re.compile(rb"(?:\xef\xbb\xbf)*+")
_MARKS_AND_WHITE = re.compile(rb"(?:\xef\xbb\xbf|[ \t\r\n])*+")
_PAGE = "a web page, such as one to log in on"
# The beginnings, in small letters and without white space before them.
BEGINS: dict[bytes, tuple[Seen, str]] = {
    b"<!doctype html": (Seen.PAGE, _PAGE),
    b"<html": (Seen.PAGE, _PAGE),
    b"pk\x03\x04": (Seen.OTHER_FORM, "a workbook or a packed file"),
    b"\xd0\xcf\x11\xe0": (Seen.OTHER_FORM, "an old workbook"),
    b"\x1f\x8b": (Seen.OTHER_FORM, "a packed file"),
    b"%pdf": (Seen.OTHER_FORM, "a PDF"),
    b"{": (Seen.OTHER_FORM, "JSON"),
    b"[": (Seen.OTHER_FORM, "JSON"),
    b"<": (Seen.OTHER_FORM, "XML"),
}
OF_ITS_OWN = {"JSON": "JSON", "an XML export": "XML"}


def must_look_like(form: str, begin: bytes) -> None:
    """Raise an error that names what has come, when it is empty or plainly something else than `form`."""
    looked_at = without_white(begin[:LOOKED_AT_BYTES]).lower()
    if not without_white(begin):
        raise Unreadable(f"GET /: empty and not {form}", seen=Seen.EMPTY)
    for beginning, (seen, told) in BEGINS.items():
        if looked_at.startswith(beginning):
            if told == OF_ITS_OWN.get(form):
                return
            raise Unreadable(f"GET /: {told} and not {form}", seen=seen)


def without_marks(begin: bytes) -> bytes:
    """What follows the byte order marks, even repeated ones."""
    found = _MARKS.match(begin)
    return begin[found.end() :] if found else begin


def without_white(begin: bytes) -> bytes:
    """What follows byte order marks and white space."""
    found = _MARKS_AND_WHITE.match(begin)
    return begin[found.end() :] if found else begin

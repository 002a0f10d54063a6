"""Prepares the bytes of an XML document for the parser: from its declaration on, in the declared encoding."""

import codecs
import re

from connectors.first_look import must_look_like, without_white

# A declaration is no longer than this.
DECLARED_WITHIN = 200
_ENCODING = re.compile(rb"<\?xml[^>]{0,150}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")


class DeclaredBytes:
    """A document's bytes as they come, without what serialisers put before its declaration.

    An invalid byte in UTF-8 becomes a sign that no name may have: it spoils its own home, and the parser goes on.
    """

    def __init__(self) -> None:
        self.has_begun = False
        self._utf_8: codecs.IncrementalDecoder | None = None

    def taken(self, chunk: bytes, *, last: bool = False) -> bytes:
        """The part of a chunk that the parser gets."""
        if not self.has_begun:
            chunk = _from_its_declaration(chunk)
            if not chunk and not last:
                return b""
            must_look_like("an XML export", chunk)
            self.has_begun = True
            if _is_utf_8(chunk):
                self._utf_8 = codecs.getincrementaldecoder("utf-8")("replace")
        return self._utf_8.decode(chunk, final=last).encode() if self._utf_8 else chunk


def _from_its_declaration(begin: bytes) -> bytes:
    return begin if begin.startswith(_WIDE) else without_white(begin)


def _is_utf_8(begin: bytes) -> bool:
    declared = _ENCODING.match(begin[:DECLARED_WITHIN])
    return not begin.startswith(_WIDE) and (declared is None or declared[1].lower() in (b"utf-8", b"utf8"))

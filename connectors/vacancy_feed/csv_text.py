"""Turns the bytes of an export into whole lines of text, whichever encoding a spreadsheet wrote."""

import codecs
import re
from collections.abc import Iterator

from connectors.first_look import without_marks
from domain.errors import Seen, Unreadable

LONGEST_LINE = 20_000
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Stands for a byte that is invalid in the encoding: no known column may hold it.
_STRANGE = re.compile("[\udc80-\udcff]")
_LINE_END = re.compile(r"\r\n|\n|\r")


class Text:
    """Turns bytes, as they come, into whole lines of text.

    The encoding is UTF-16 when the file says so or every other byte is zero; else UTF-8, unless the first line with a
    non-ASCII sign is invalid in it: then Windows-1252. A byte invalid in that encoding spoils only its own line.
    """

    def __init__(self) -> None:
        self._begun = False
        self._wide: codecs.IncrementalDecoder | None = None
        self._encoding: str | None = None
        self._rest = b""
        self._has_strange = False

    def lines(self, chunk: bytes, *, last: bool = False) -> Iterator[str]:
        """The lines that are complete now."""
        came = self._rest + self._narrowed(chunk, last=last)
        # After a carriage return at the end, the line feed may come with the next chunk.
        end = len(came) if last else max(came.rfind(b"\n"), came.rfind(b"\r", 0, max(0, len(came) - 1))) + 1
        self._rest = came[end:]
        if len(self._rest) > 4 * LONGEST_LINE:
            raise Unreadable("GET /: a line without end", seen=Seen.NOT_READABLE)
        lines = _LINE_END.split(self._decoded(came[:end])) if end else []
        if lines and not lines[-1]:
            lines.pop()
        if any(len(line) > LONGEST_LINE for line in lines):
            raise Unreadable("GET /: a line without end", seen=Seen.NOT_READABLE)
        yield from lines

    def is_spoilt(self, line: str) -> bool:
        """Whether one of the newest lines holds bytes that are invalid in the encoding."""
        return self._has_strange and _STRANGE.search(line) is not None

    def _narrowed(self, chunk: bytes, *, last: bool) -> bytes:
        """UTF-16 converted to UTF-8; everything else unchanged, without byte order marks."""
        if not self._begun and chunk:
            self._begun = True
            wide = UTF_16.get(chunk[:2]) or {b"\0": "utf-16-le"}.get(chunk[1:2]) or {b"\0": "utf-16-be"}.get(chunk[:1])
            if wide is not None:
                self._wide = codecs.getincrementaldecoder(wide)("replace")
            chunk = without_marks(chunk)
        return self._wide.decode(chunk, final=last).encode("utf-8", "replace") if self._wide else chunk

    def _decoded(self, came: bytes) -> str:
        if self._encoding is None and not came.isascii():
            self._encoding = _encoding_of(came)
        encoding = self._encoding or "ascii"
        try:
            text = came.decode(encoding)
        except UnicodeDecodeError:
            self._has_strange = True
            return came.decode(encoding, "surrogateescape")
        self._has_strange = False
        return text


def _encoding_of(came: bytes) -> str:
    """Decided by the first line that is not ASCII; if it is not valid UTF-8, by whether most of its signs are UTF-8."""
    first = next(line for line in came.splitlines() if not line.isascii())
    try:
        first.decode()
    except UnicodeDecodeError:
        text = came.decode("utf-8", "surrogateescape")
        strange = len(_STRANGE.findall(text))
        plain = sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", text)) - strange
        return "utf-8" if plain > strange else "cp1252"
    return "utf-8"

"""The bytes of an export to whole lines of text, in whichever encoding a spreadsheet has written it."""

import codecs
import re
from collections.abc import Iterator

from connectors.first_look import without_marks
from domain.errors import Seen, Unreadable

LONGEST_LINE = 20_000
UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# What stands for a byte that is none of the encoding's: no row may have it in what is read of it.
_STRANGE = re.compile("[\udc80-\udcff]")
_LINE_END = re.compile(r"\r\n|\n|\r")


class Text:
    """Bytes as they come, to whole lines of text.

    UTF-16 when it says so or every other byte is nothing; else UTF-8, unless the first line with another sign than
    ASCII is none: then it is Windows-1252. A byte that is wrong in that encoding spoils its own line.
    """

    def __init__(self) -> None:
        self._begun = False
        self._wide: codecs.IncrementalDecoder | None = None
        self._encoding: str | None = None
        self._rest = b""
        self._has_strange = False

    def lines(self, chunk: bytes, *, last: bool = False) -> Iterator[str]:
        """The lines that are whole now."""
        came = self._rest + self._narrowed(chunk, last=last)
        # What ends in a carriage return may go on with its line feed.
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
        """Whether one of the newest lines holds bytes that are none of the encoding's."""
        return self._has_strange and _STRANGE.search(line) is not None

    def _narrowed(self, chunk: bytes, *, last: bool) -> bytes:
        """UTF-16 as UTF-8; everything else as it stands, without the marks of its byte order."""
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
    """By the first line that is not plain; when that is no UTF-8, by whether most of the signs are UTF-8."""
    first = next(line for line in came.splitlines() if not line.isascii())
    try:
        first.decode()
    except UnicodeDecodeError:
        text = came.decode("utf-8", "surrogateescape")
        strange = len(_STRANGE.findall(text))
        plain = sum(len(run) for run in re.findall(r"[^\x00-\x7f]+", text)) - strange
        return "utf-8" if plain > strange else "cp1252"
    return "utf-8"

"""A vacancy feed as one XML export, in the shape of Landsbyggefonden's Huslejeregister.

The nesting (boligorganisation, afdeling, bolig) and the naming style follow the interface description of
HuslejeregisterV3. Element names differ between versions and systems: `xml_elements.py` is the one place to change.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, Literal
from xml.parsers.expat import ExpatError, ParserCreate

from pydantic import TypeAdapter, ValidationError

from connectors.http import PartnerHttp
from connectors.vacancy_feed.xml_elements import ELEMENTS
from connectors.vacancy_feed.xml_text import DeclaredBytes
from domain.errors import Seen, Unreadable
from domain.feeds.contract import Stamp
from domain.ports.vacancy_feed import FeedBatch, FeedHead, FeedMark, RawVacancy

# Some 30,000 homes; more would take longer than a partner's time limit.
LARGEST_FEED_BYTES = 32_000_000
# Far more than a home needs, and a little more than one chunk.
LARGEST_HOME_BYTES = 500_000
MOST_TOLD = 100
MOST_NAMES = 1_000
MOST_DEEP = 20
LONGEST_TEXT = 20_000
ROWS_AT_ONCE = 1_000
ROOT, HOME = "BoligListe", "Bolig"
# UTF-16 by how a tag begins; in every other encoding that the parser takes, a tag begins as in UTF-8.
UTF_16 = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
WRITTEN_AT = "DannetDatoTid"
# Nobody knows which of the values counts, and the contract accepts no list.
TOLD_TWICE = ["told more than once"]
NOT_AN_EXPORT = "GET /: not an XML export that is whole and plain"
STAMP: TypeAdapter[datetime] = TypeAdapter(Stamp)
XML = ("application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class XmlVacancyFeed:
    """`GET {url}`: one document, read as it comes. It may declare neither a document type nor entities."""

    serves: ClassVar[Literal["vacancy_feed"]] = "vacancy_feed"

    http: PartnerHttp

    async def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """Every home; `line` counts homes."""
        async with self.http.stream(last=last) as answer:
            if answer.unchanged:
                yield FeedBatch(FeedHead(last, unchanged=True))
                return
            if answer.media_type not in XML or not answer.measured:
                seen = Seen.PAGE if answer.media_type == "text/html" else Seen.OTHER_FORM
                seen = seen if answer.measured else Seen.NOT_WHOLE
                raise Unreadable(f"{answer.call}: not an XML export", seen=seen)
            export, waiting = Export(), list[RawVacancy]()
            async for chunk in answer.chunks(LARGEST_FEED_BYTES):
                waiting += export.homes(chunk)
                if len(waiting) >= ROWS_AT_ONCE:
                    yield FeedBatch(export.head(answer.mark), waiting)
                    waiting = []
            export.must_be_whole()
            yield FeedBatch(export.head(answer.mark), waiting)


@dataclass(slots=True)
class Level:
    """An open element: its text before its first child, and what its children said."""

    name: str
    text: list[str] = field(default_factory=list)
    told: dict[str, object] = field(default_factory=dict)
    has_children: bool = False


class Export:
    """Parses an export as its bytes come."""

    def __init__(self) -> None:
        # Without namespaces, with which the parser keeps each name together with its prefix's whole URI.
        self._parser = ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._data
        self._parser.EndElementHandler = self._end
        self._declared = DeclaredBytes()
        self._names: set[str] = set()
        self._path: list[Level] = []
        self._found: list[RawVacancy] = []
        self._written_at: str | None = None
        self._homes = self._bytes_since_home = 0
        # The bytes from `_before` on, and the position in the document where the newest home begins.
        self._bytes = b""
        self._before = self._home_from = 0

    def head(self, mark: FeedMark) -> FeedHead:
        """What the document says about itself."""
        return FeedHead(FeedMark(mark.etag, mark.last_modified, stamp(self._written_at)))

    def homes(self, chunk: bytes) -> list[RawVacancy]:
        """The homes that are complete now. `PartnerUnavailable` when it is no export, or an element does not end."""
        chunk = self._declared.taken(chunk)
        self._bytes += chunk
        self._carefully(chunk)
        found, self._found = self._found, []
        # An endless text, tag or comment would be kept whole in memory.
        self._bytes_since_home = 0 if found else self._bytes_since_home + len(chunk)
        if self._bytes_since_home > LARGEST_HOME_BYTES:
            raise Unreadable("GET /: a home without end", seen=Seen.NOT_READABLE)
        # Before the first tag the parser may not know where it is.
        needed_from = self._home_from if self._is_within_a_home else max(self._before, self._at)
        self._bytes, self._before = self._bytes[needed_from - self._before :], needed_from
        return found

    def must_be_whole(self) -> None:
        """The document ends. `Unreadable` when it breaks off."""
        self._carefully(self._declared.taken(b"", last=True), last=True)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        # Limited, because the parser keeps every name that it has seen.
        self._names.update((tag, *attributes))
        if len(self._names) > MOST_NAMES:
            raise Unreadable("GET /: too many names", seen=Seen.NOT_READABLE)
        name = local_name(tag)
        if not self._path:
            if name != ROOT:
                raise Unreadable(NOT_AN_EXPORT, seen=Seen.NOT_READABLE)
            self._written_at = attributes.get(WRITTEN_AT)
        else:
            self._path[-1].has_children = True
        # With a home inside a home, everything before the outer one's end would be kept.
        if len(self._path) == MOST_DEEP or (name == HOME and self._is_within_a_home):
            raise Unreadable(NOT_AN_EXPORT, seen=Seen.NOT_READABLE)
        if name == HOME:
            self._home_from = self._at
        self._path.append(Level(name))

    def _data(self, text: str) -> None:
        """Text in the newest element, or a part of it."""
        if self._path and not self._path[-1].has_children:
            self._path[-1].text.append(text)

    def _end(self, _tag: str) -> None:
        """The newest element ends: a home, or a value of the element around it."""
        level = self._path.pop()
        if level.name == HOME:
            self._found.append(self._home(level))
        elif self._path:
            self._tell(level)

    @property
    def _at(self) -> int:
        """The parser's position in the document, in bytes: at the tag that it reports."""
        return self._parser.CurrentByteIndex

    @property
    def _is_within_a_home(self) -> bool:
        return any(level.name == HOME for level in self._path)

    def _tell(self, level: Level) -> None:
        """Store an element's value with its parent; an element whose children had values has none."""
        text, told = "".join(level.text).strip(), self._path[-1].told
        if text and not level.told:
            ours, read = ELEMENTS.get(level.name, (level.name, str))
            told[ours] = TOLD_TWICE if ours in told else read(text)
        if len(told) > MOST_TOLD or len(text) > LONGEST_TEXT:
            raise Unreadable("GET /: too much that is no home", seen=Seen.NOT_READABLE)

    def _home(self, home: Level) -> RawVacancy:
        """A home, with the values of the department and association around it; the nearer value counts."""
        self._homes += 1
        values: dict[str, object] = {}
        for level in self._path:
            values |= level.told
        return RawVacancy(self._homes, values | home.told, self._as_it_came(home))

    def _as_it_came(self, home: Level) -> bytes:
        """The home's own bytes; UTF-16 converted to UTF-8, in which numbers can be searched."""
        begin, end = self._home_from - self._before, self._at - self._before
        encoding = UTF_16.get(self._bytes[begin : begin + 2], "utf-8")
        # A home written as one empty tag has no end tag: the parser is past it already.
        is_one_tag = not home.has_children and not home.text and self._bytes.endswith("/>".encode(encoding), begin, end)
        if not is_one_tag:
            end = self._bytes.index(">".encode(encoding), end) + len(">".encode(encoding))
        came = self._bytes[begin:end]
        return came if encoding == "utf-8" else came.decode(encoding, "replace").encode()

    def _carefully(self, chunk: bytes, *, last: bool = False) -> None:
        # Raised outside the handler: the parser's errors carry parts of the document.
        with suppress(ExpatError, LookupError, ValueError):
            self._parser.Parse(chunk, last)
            return
        raise Unreadable(NOT_AN_EXPORT, seen=Seen.NOT_READABLE)

    @staticmethod
    def _refuse(*_declared: object) -> None:
        """Refuse a document type, and with it entities and anything fetched from elsewhere."""
        raise Unreadable(NOT_AN_EXPORT, seen=Seen.NOT_READABLE)


def local_name(tag: str) -> str:
    """An element's name without its prefix."""
    return tag.rpartition(":")[2]


def stamp(written_at: str | None) -> datetime | None:
    """When the association's system wrote the document, if it says so."""
    if written_at is None:
        return None
    with suppress(ValidationError, OverflowError):
        return STAMP.validate_python(written_at).astimezone(UTC)
    raise Unreadable(f"GET /: {WRITTEN_AT} is not a moment with its time zone", seen=Seen.NOT_READABLE)

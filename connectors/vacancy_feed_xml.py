"""A vacancy feed as one XML export, in the shape of Landsbyggefonden's Huslejeregister.

The nesting (boligorganisation, afdeling, bolig) and the manner of naming are those of the interface description of
HuslejeregisterV3. Its element names differ between versions and systems: `ELEMENTS` is the one place to change.
"""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import ClassVar, Literal, cast

# What is parsed goes through defusedxml's parser; these only hold and write what it found.
from xml.etree.ElementTree import Element, ParseError, XMLPullParser, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from pydantic import TypeAdapter, ValidationError

from connectors.http import PartnerHttp
from connectors.kroner import PLAIN_NUMBER, ore
from domain.dwelling import LettingCriteria
from domain.errors import PartnerUnavailable
from domain.ports import FeedBatch, FeedHead, FeedMark, RawVacancy
from domain.vacancy_feed import FeedStatus, Stamp

# Some 30,000 homes; more would take longer than a partner is given.
LARGEST_FEED_BYTES = 32_000_000
# Far more than a home, and a little more than comes at once.
LARGEST_HOME_BYTES = 500_000
MOST_TOLD = 100
MOST_DEEP = 20
LONGEST_TEXT = 20_000
ROWS_AT_ONCE = 1_000
ROOT, HOME = "BoligListe", "Bolig"
WRITTEN_AT = "DannetDatoTid"
# Which of them counts nobody knows, and the contract takes no list.
TOLD_TWICE = ["told more than once"]
NOT_AN_EXPORT = "GET /: not an XML export that is whole and plain"
STAMP: TypeAdapter[datetime] = TypeAdapter(Stamp)
XML = ("application/xml", "text/xml")
# As Danmarks Adresseregister writes storeys.
STOREYS = {"st": 0, "kl": -1, "k2": -2, "k3": -3}
LETTING = {
    "Ordinær": LettingCriteria.ORDINARY,
    "Fleksibel": LettingCriteria.FLEXIBLE,
    "Anvisning": LettingCriteria.MUNICIPAL_ASSIGNMENT,
}
STATUS = {"Ledig": FeedStatus.VACANT, "Udlejet": FeedStatus.LET, "Trukket": FeedStatus.WITHDRAWN}


def rounded_down(text: str) -> object:
    """A size in whole square metres: a home is never said to be larger than it is."""
    return int(Decimal(text)) if PLAIN_NUMBER.fullmatch(text) else text


def storey(text: str) -> object:
    """A storey as a floor: st is 0, kl is -1; anything else as it stands."""
    return STOREYS.get(text.lower(), text)


# Each element, the contract's name for it, and how its text is read; an empty one says nothing. What cannot be read is
# passed on as it stands, and the contract rejects the row with its reason.
ELEMENTS: dict[str, tuple[str, Callable[[str], object]]] = {
    "BoligorganisationIdentifikator": ("lbf_number", str),
    "AfdelingIdentifikator": ("department_number", str),
    "AfdelingNavn": ("department", str),
    "BoligIdentifikator": ("external_id", str),
    "LejemaalIdentifikator": ("unit_number", str),
    "AdresseIdentifikator": ("dar_address_id", str),
    "KommuneKode": ("municipality", str),
    "BoligomraadeNavn": ("area", str),
    "RumAntal": ("rooms", str),
    "ArealKvantitet": ("size_m2", rounded_down),
    "HuslejeBeloeb": ("rent_monthly_ore", ore),
    "IndskudBeloeb": ("deposit_ore", ore),
    "LedigFraDato": ("available_from", str),
    "EtageBetegnelse": ("floor", storey),
    "ElevatorIndikator": ("lift", str),
    "NiveaufriAdgangIndikator": ("step_free", str),
    "HusdyrIndikator": ("pets", str),
    "PersonMindsteAntal": ("persons_min", str),
    "PersonStoersteAntal": ("persons_max", str),
    "UdlejningKode": ("letting", lambda text: LETTING.get(text, text)),
    "BoligStatusKode": ("status", lambda text: STATUS.get(text, text)),
}


@dataclass(frozen=True, slots=True)
class XmlVacancyFeed:
    """`GET {url}`: one document, read as it comes. It may declare neither a document type nor entities."""

    serves: ClassVar[Literal["vacancy_feed"]] = "vacancy_feed"

    http: PartnerHttp

    async def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """Every home; lines count the homes."""
        async with self.http.stream(last=last) as answer:
            if answer.unchanged:
                yield FeedBatch(FeedHead(last, unchanged=True))
                return
            if answer.media_type not in XML or not answer.measured:
                raise PartnerUnavailable(f"{answer.call}: not an XML export")
            export, waiting = Export(), list[RawVacancy]()
            async for chunk in answer.chunks(LARGEST_FEED_BYTES):
                waiting += export.homes(chunk)
                if len(waiting) >= ROWS_AT_ONCE:
                    yield FeedBatch(export.head(answer.mark), waiting)
                    waiting = []
            export.must_be_whole()
            yield FeedBatch(export.head(answer.mark), waiting)


class Export:
    """An export as its bytes come."""

    def __init__(self) -> None:
        # As defusedxml's own iterparse does, which would have to wait for its bytes.
        self._parser = XMLPullParser(("start", "end"), _parser=DefusedXMLParser(forbid_dtd=True))
        self._path: list[Element] = []
        # What is told on each level of the path, beside the homes and departments on it.
        self._told: list[dict[str, object]] = []
        self._written_at: str | None = None
        self._homes = self._bytes_since_home = 0

    def head(self, mark: FeedMark) -> FeedHead:
        """What the document tells of itself."""
        return FeedHead(FeedMark(mark.etag, mark.last_modified, stamp(self._written_at)))

    def homes(self, chunk: bytes) -> list[RawVacancy]:
        """The homes that are whole now. `PartnerUnavailable` when it is no export, or nothing in it comes to an end."""
        self._carefully(lambda: self._parser.feed(chunk))
        found = [home for event, element in self._events() if (home := self._step(event, element)) is not None]
        # A text, a tag or a comment that does not end would be kept whole.
        self._bytes_since_home = 0 if found else self._bytes_since_home + len(chunk)
        if self._bytes_since_home > LARGEST_HOME_BYTES:
            raise PartnerUnavailable("GET /: a home without end")
        return found

    def must_be_whole(self) -> None:
        """There is no more."""
        self._carefully(self._parser.close)

    def _events(self) -> list[tuple[str, Element]]:
        found: list[tuple[str, Element]] = []
        self._carefully(lambda: found.extend(cast("Iterator[tuple[str, Element]]", self._parser.read_events())))
        return found

    def _step(self, event: str, element: Element) -> RawVacancy | None:
        """Go into an element or come out of it; out of a home with the home."""
        if event == "start":
            if not self._path:
                self._begin(element)
            # A home in a home would keep all that comes before the outer one's end.
            is_within_a_home = local_name(element) == HOME and any(local_name(around) == HOME for around in self._path)
            if len(self._path) == MOST_DEEP or is_within_a_home:
                raise PartnerUnavailable(NOT_AN_EXPORT)
            self._path.append(element)
            self._told.append({})
            return None
        self._path.pop()
        told = self._told.pop()
        if local_name(element) == HOME:
            return self._home(element, told)
        if self._told:
            self._tell(element, is_department=bool(told))
        return None

    def _begin(self, root: Element) -> None:
        if local_name(root) != ROOT:
            raise PartnerUnavailable(NOT_AN_EXPORT)
        self._written_at = root.get(WRITTEN_AT)

    def _tell(self, element: Element, *, is_department: bool) -> None:
        """What an element tells, on the level that it stands on."""
        text, name = (element.text or "").strip(), local_name(element)
        told = self._told[-1]
        if text and not is_department:
            ours, read = ELEMENTS.get(name, (name, str))
            told[ours] = TOLD_TWICE if ours in told else read(text)
        if len(told) > MOST_TOLD or len(text) > LONGEST_TEXT:
            raise PartnerUnavailable("GET /: too much that is no home")
        # A home is kept whole for its raw row; of what is around it only what it told.
        if not any(local_name(around) == HOME for around in self._path):
            self._path[-1].remove(element)

    def _home(self, element: Element, told: dict[str, object]) -> RawVacancy:
        """A home, with what is told of the department and the association around it; the nearer counts."""
        self._homes += 1
        values: dict[str, object] = {}
        for level in self._told:
            values |= level
        if self._path:
            self._path[-1].remove(element)
        return RawVacancy(self._homes, values | told, partial(_written, element))

    @staticmethod
    def _carefully(read: Callable[[], object]) -> None:
        # Raised outside the handler: the parser's errors carry parts of the document.
        with suppress(ParseError, DefusedXmlException, LookupError, ValueError):
            read()
            return
        raise PartnerUnavailable(NOT_AN_EXPORT)


def local_name(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def stamp(written_at: str | None) -> datetime | None:
    """When the association's system wrote the document, if it says so."""
    if written_at is None:
        return None
    with suppress(ValidationError, OverflowError):
        return STAMP.validate_python(written_at).astimezone(UTC)
    raise PartnerUnavailable(f"GET /: {WRITTEN_AT} is not a moment with its time zone")


def _written(home: Element) -> bytes:
    """A home as XML again. What stands between it and the next is no part of it, and may have come since."""
    home.tail = None
    return cast("bytes", tostring(home, "utf-8"))

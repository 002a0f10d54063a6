"""A vacancy feed as JSON over HTTP: the format `vacancy-feed/1` (domain/feeds/contract.py), in pages."""

import json
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from connectors.first_look import must_look_like
from connectors.http import PartnerHttp
from connectors.http_answers import Answer
from domain.errors import PartnerUnavailable, Seen, Unreadable
from domain.feeds.contract import FORMAT, FeedMode, Stamp
from domain.ports.vacancy_feed import FeedBatch, FeedHead, FeedMark, JsonPage, RawVacancy

MOST_PAGES = 1_000
# A parsed page takes ten times as much memory as its bytes, and each wrong row more.
LARGEST_PAGE_BYTES = 4_000_000
MOST_ROWS_A_PAGE = 10_000
LONGEST_CURSOR = 500
STAMP: TypeAdapter[datetime] = TypeAdapter(Stamp)


@dataclass(frozen=True, slots=True)
class JsonVacancyFeed:
    """`GET {url}?since=…&cursor=…` until `next` is null. The first page's ETag stands for the whole feed."""

    serves: ClassVar[Literal["vacancy_feed"]] = "vacancy_feed"

    http: PartnerHttp

    async def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """Page after page; `PartnerUnavailable` when the pages do not end."""
        since = {"since": last.generated_at.astimezone(UTC).isoformat()} if last.generated_at else {}
        answer = await self.http.read(query=since, last=last, most_bytes=LARGEST_PAGE_BYTES)
        if answer.unchanged:
            yield FeedBatch(FeedHead(last, unchanged=True))
            return
        page = page_of(answer)
        head = FeedHead(FeedMark(answer.etag, answer.last_modified, stamp_of(page)), FeedMode(page["mode"]))
        line, seen = 0, set[str]()
        while True:
            yield FeedBatch(head, rows_of(page, answer.plain_body, before=line))
            line += len(page["vacancies"])
            cursor = page["next"]
            if cursor is None:
                return
            if cursor in seen or len(seen) == MOST_PAGES:
                raise Unreadable("GET /: the pages go round in circles", seen=Seen.NOT_READABLE)
            seen.add(str(cursor))
            answer = await self.http.read(query=since | {"cursor": str(cursor)}, most_bytes=LARGEST_PAGE_BYTES)
            page = page_of(answer)
            if stamp_of(page) != head.mark.generated_at or page["mode"] != head.mode:
                raise PartnerUnavailable("GET /: the feed was written anew while it was read")


def page_of(answer: Answer) -> dict[str, Any]:
    """A page of the format, with its rows not yet read."""
    if answer.media_type != "text/html":
        must_look_like("JSON", answer.body)
    page: Any = answer.json(as_serialised)
    if not isinstance(page, dict) or page.get("format") != FORMAT:
        raise Unreadable(f"{answer.call}: JSON, and not {FORMAT}", seen=Seen.OTHER_FORM)
    if not isinstance(page.get("vacancies"), list) or "next" not in page:
        raise Unreadable(f"{answer.call}: not a page of vacancies", seen=Seen.NOT_READABLE)
    if len(page["vacancies"]) > MOST_ROWS_A_PAGE:
        raise Unreadable(f"{answer.call}: more than {MOST_ROWS_A_PAGE} vacancies on a page", seen=Seen.NOT_READABLE)
    if page.setdefault("mode", FeedMode.FULL) not in list(FeedMode):
        raise Unreadable(f"{answer.call}: not a mode", seen=Seen.NOT_READABLE)
    following = page["next"]
    # An empty cursor would ask for the first page again.
    if following is not None and not (isinstance(following, str) and 1 <= len(following) <= LONGEST_CURSOR):
        raise Unreadable(f"{answer.call}: not a cursor", seen=Seen.NOT_READABLE)
    return page


def as_serialised(body: bytes) -> object:
    """Parses JSON, even with NaN numbers, control signs or a wrong byte that serialisers and people put into it.

    Such faults stay in their own row, which the contract rejects; a NaN counts as empty.
    """
    with suppress(ValueError):
        return orjson.loads(body)
    found: object = json.loads(body.decode("utf-8", "replace"), **_LENIENT)
    # Text that could not be written again, such as half a sign, is invalid. Raises a `ValueError` of its own kind.
    orjson.dumps(found)
    return found


_LONGEST_INTEGER = 18
_LENIENT: dict[str, Any] = {
    "strict": False,
    "parse_constant": lambda _: None,
    "parse_int": lambda digits: int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits),
}


def stamp_of(page: dict[str, Any]) -> datetime | None:
    """When the association's system wrote the feed, if it says so."""
    written = page.get("generated_at")
    if written is None:
        return None
    with suppress(ValidationError, OverflowError):
        if isinstance(written, str):
            return STAMP.validate_python(written).astimezone(UTC)
    raise Unreadable("GET /: generated_at is not a moment with its time zone", seen=Seen.NOT_READABLE)


def rows_of(page: dict[str, Any], body: bytes, *, before: int = 0) -> list[RawVacancy]:
    """The rows of a page; a row that is not an object has no fields, and so breaks the contract."""
    came = JsonPage(body, before)
    return [
        RawVacancy(line, row if isinstance(row, dict) else {}, came)
        for line, row in enumerate(page["vacancies"], before + 1)
    ]

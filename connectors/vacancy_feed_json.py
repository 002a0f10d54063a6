"""A vacancy feed as JSON over HTTP: the format `vacancy-feed/1` (domain/vacancy_feed.py), in pages."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from connectors.http import Answer, PartnerHttp
from domain.errors import PartnerUnavailable
from domain.ports import FeedBatch, FeedHead, FeedMark, JsonPage, RawVacancy
from domain.vacancy_feed import FORMAT, FeedMode, Stamp

MOST_PAGES = 1_000
# What is read from a page at once takes ten times as much memory, and each wrong row more.
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
        """Page after page; `PartnerUnavailable` when the pages do not come to an end."""
        since = {"since": last.generated_at.astimezone(UTC).isoformat()} if last.generated_at else {}
        answer = await self.http.read(query=since, last=last, most_bytes=LARGEST_PAGE_BYTES)
        if answer.unchanged:
            yield FeedBatch(FeedHead(last, unchanged=True))
            return
        page = page_of(answer)
        head = FeedHead(FeedMark(answer.etag, answer.last_modified, stamp_of(page)), FeedMode(page["mode"]))
        line, seen = 0, set[str]()
        while True:
            yield FeedBatch(head, rows_of(page, answer.body, before=line))
            line += len(page["vacancies"])
            cursor = page["next"]
            if cursor is None:
                return
            if cursor in seen or len(seen) == MOST_PAGES:
                raise PartnerUnavailable("GET /: the pages go round in circles")
            seen.add(str(cursor))
            answer = await self.http.read(query=since | {"cursor": str(cursor)}, most_bytes=LARGEST_PAGE_BYTES)
            page = page_of(answer)
            if stamp_of(page) != head.mark.generated_at or page["mode"] != head.mode:
                raise PartnerUnavailable("GET /: the feed was written anew while it was read")


def page_of(answer: Answer) -> dict[str, Any]:
    """A page of the format, its rows not yet looked at."""
    page: Any = answer.json(orjson.loads)
    if not isinstance(page, dict) or page.get("format") != FORMAT:
        raise PartnerUnavailable(f"{answer.call}: not {FORMAT}")
    if not isinstance(page.get("vacancies"), list) or "next" not in page:
        raise PartnerUnavailable(f"{answer.call}: not a page of vacancies")
    if len(page["vacancies"]) > MOST_ROWS_A_PAGE:
        raise PartnerUnavailable(f"{answer.call}: more than {MOST_ROWS_A_PAGE} vacancies on a page")
    if page.setdefault("mode", FeedMode.FULL) not in list(FeedMode):
        raise PartnerUnavailable(f"{answer.call}: not a mode")
    following = page["next"]
    # An empty cursor would ask for the first page again.
    if following is not None and not (isinstance(following, str) and 1 <= len(following) <= LONGEST_CURSOR):
        raise PartnerUnavailable(f"{answer.call}: not a cursor")
    return page


def stamp_of(page: dict[str, Any]) -> datetime | None:
    """When the association's system wrote the feed, if it says so."""
    written = page.get("generated_at")
    if written is None:
        return None
    with suppress(ValidationError, OverflowError):
        if isinstance(written, str):
            return STAMP.validate_python(written).astimezone(UTC)
    raise PartnerUnavailable("GET /: generated_at is not a moment with its time zone")


def rows_of(page: dict[str, Any], body: bytes, *, before: int = 0) -> list[RawVacancy]:
    """The rows of a page; what is not an object has no fields and so breaks the contract."""
    came = JsonPage(body, before)
    return [
        RawVacancy(line, row if isinstance(row, dict) else {}, came)
        for line, row in enumerate(page["vacancies"], before + 1)
    ]

"""A vacancy feed as one CSV export, the way Danish spreadsheets write it."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from connectors.first_look import must_look_like
from connectors.http import PartnerHttp
from connectors.http_answers import Streamed
from connectors.vacancy_feed.csv_table import Table
from connectors.vacancy_feed.csv_text import Text
from domain.errors import Seen, Unreadable
from domain.ports.vacancy_feed import FeedBatch, FeedHead, FeedMark, RawVacancy

LARGEST_FEED_BYTES = 256_000_000
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class CsvVacancyFeed:
    """`GET {url}`: a table with Danish headers in Windows-1252 or UTF-8, its cells apart by semicolon, comma or tab."""

    serves: ClassVar[Literal["vacancy_feed"]] = "vacancy_feed"

    http: PartnerHttp

    async def batches(self, last: FeedMark) -> AsyncGenerator[FeedBatch]:
        """Every row; lines are counted in the file, so the first row is on line 2."""
        async with self.http.stream(last=last) as answer:
            if answer.unchanged:
                yield FeedBatch(FeedHead(last, unchanged=True))
                return
            if answer.media_type == "text/html":
                raise Unreadable(f"{answer.call}: a web page and not an export", seen=Seen.PAGE)
            if not answer.measured:
                raise Unreadable(f"{answer.call}: not an export whose end would be seen", seen=Seen.NOT_WHOLE)
            head, table = FeedHead(answer.mark), Table()
            async for rows in read(answer, table):
                yield FeedBatch(head, rows)


async def read(answer: Streamed, table: Table) -> AsyncIterator[list[RawVacancy]]:
    """The rows of an export as its bytes come, a thousand at a time; one batch at least."""
    waiting: list[RawVacancy] = []
    text, begin = Text(), b""
    async for chunk in answer.chunks(LARGEST_FEED_BYTES):
        if not begin:
            begin = chunk
            must_look_like("a table", begin)
        for line in text.lines(chunk):
            waiting += table.take(line, is_spoilt=text.is_spoilt(line))
            if len(waiting) >= ROWS_AT_ONCE:
                yield waiting
                waiting = []
    must_look_like("a table", begin)
    for line in text.lines(b"", last=True):
        waiting += table.take(line, is_spoilt=text.is_spoilt(line))
    yield waiting + table.end()

"""An association's check of its own feed before it connects: every problem, by line and field."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from connectors.first_look import must_look_like
from connectors.http import PartnerHttp
from connectors.http_answers import Answer
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from connectors.vacancy_feed.csv_table import Table
from connectors.vacancy_feed.csv_text import Text
from connectors.vacancy_feed.json_feed import JsonVacancyFeed, page_of, rows_of
from connectors.vacancy_feed.xml_feed import Export, XmlVacancyFeed
from deployments.files import chunks_of
from deployments.parties.importing import municipality_codes
from domain.feeds.contract import FIELDS
from domain.feeds.row_judge import Judge
from domain.ports.vacancy_feed import FeedMark, RawVacancy, VacancyFeed

TIMEOUT_S = 30.0
BY_ENDING: dict[str, Callable[[PartnerHttp], VacancyFeed]] = {".csv": CsvVacancyFeed, ".xml": XmlVacancyFeed}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line: the field and its rule, never the value."""

    line: int
    field: str
    rule: str


@dataclass(slots=True)
class Checked:
    """The result for a feed: how many rows, their problems, and the field names that the format does not know."""

    rows: int = 0
    wrong: int = 0
    problems: list[Problem] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)


async def check(where: str, *, token: str) -> Checked:
    """Judge every row of a file or of an address by the contract, as the night would."""
    found, seen, judge = Checked(), dict[str, int](), Judge(municipality_codes())
    async for rows in _batches(where, token):
        for raw in rows:
            found.rows += 1
            found.unknown.update(name for name in raw.values if name not in FIELDS)
            told, faults = None, [raw.fault] if raw.fault else []
            if not faults:
                told, faults = judge.judged(raw.values)
            if told is not None and (first := seen.setdefault(told.external_id, raw.line)) != raw.line:
                faults = [f"external_id: stands in line {first} too"]
            found.wrong += bool(faults)
            found.problems += [Problem(raw.line, *_split(fault)) for fault in faults]
    return found


def _split(fault: str) -> tuple[str, str]:
    name, _, rule = fault.partition(": ")
    return name, rule


async def _batches(where: str, token: str) -> AsyncIterator[Sequence[RawVacancy]]:
    address = urlsplit(where)
    if address.scheme in ("http", "https"):
        http = PartnerHttp(where, token=token, timeout_s=TIMEOUT_S)
        feed = BY_ENDING.get(PurePath(address.path).suffix.lower(), JsonVacancyFeed)(http)
        async for batch in feed.batches(FeedMark()):
            yield batch.rows
        return
    for rows in _rows_of_file(Path(where)):
        yield rows


def _rows_of_file(path: Path) -> Iterator[list[RawVacancy]]:
    read = {".csv": _rows_of_csv, ".xml": _rows_of_xml}.get(path.suffix.lower(), _rows_of_json)
    yield from read(path)


def _rows_of_json(path: Path) -> Iterator[list[RawVacancy]]:
    body = b"".join(chunks_of(path))
    answer = Answer(path.name, body, "application/json", measured=True)
    yield rows_of(page_of(answer), answer.plain_body)


def _rows_of_xml(path: Path) -> Iterator[list[RawVacancy]]:
    export = Export()
    for chunk in chunks_of(path):
        yield export.homes(chunk)
    export.must_be_whole()


def _rows_of_csv(path: Path) -> Iterator[list[RawVacancy]]:
    text, table, begin = Text(), Table(), b""
    for chunk in chain(chunks_of(path), [b""]):
        begin = begin or chunk
        must_look_like("a table", begin)
        lines = text.lines(chunk, last=not chunk)
        yield [row for line in lines for row in table.take(line, is_spoilt=text.is_spoilt(line))]
    yield table.end()

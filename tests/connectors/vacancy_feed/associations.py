"""Associations with chosen feeds, and reading feeds to their end."""

import secrets
from collections.abc import Callable

import httpx
from pydantic import ValidationError

from connectors.http import PartnerHttp
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from connectors.vacancy_feed.json_feed import JsonVacancyFeed
from deployments.standins.world import Sent
from domain.feeds.contract import FIELDS, VacancyRow
from domain.feeds.row_judge import reasons, validated
from domain.ports.vacancy_feed import FeedBatch, FeedMark, RawVacancy, VacancyFeed

COLUMNS_OF_ROW = (
    "Lejemålsnr",
    "Afdeling",
    "Kommunekode",
    "Område",
    "Rum",
    "Areal",
    "Husleje",
    "Ledig fra",
    "Niveaufri adgang",
    "Udlejning",
)
HEADER = ";".join(COLUMNS_OF_ROW)
CELLS = ["12-1-3", "Åkanden", "0751", "Engen", "3", "78,5", "7.250,50", "01-05-2026", "ja", "fleksibel"]
ROW = ";".join(CELLS)
CSV = {"content-type": "text/csv; charset=windows-1252"}
VACANCY: Sent = {
    "external_id": "12-1-3",
    "department": "Åkanden",
    "municipality": "0751",
    "area": None,
    "rooms": 3,
    "size_m2": 79,
    "rent_monthly_ore": 725_050,
    "available_from": "2026-05-01",
    "step_free": True,
    "letting": "flexible_letting",
}


def page(*vacancies: object, following: object = None, **told: object) -> Sent:
    """A page of the format."""
    return {"format": "vacancy-feed/1", "vacancies": list(vacancies), "next": following} | told


def http(answer: Callable[[httpx.Request], httpx.Response]) -> PartnerHttp:
    """An association that answers with a function's result."""
    transport = httpx.MockTransport(answer)
    return PartnerHttp("https://feed.test/v1?sort=id", token=secrets.token_hex(), timeout_s=5, transport=transport)


def export(text: str, encoding: str = "cp1252") -> CsvVacancyFeed:
    """An association whose export holds this text."""
    body = text.encode(encoding)
    headers = CSV | {"content-length": str(len(body))}
    return CsvVacancyFeed(http(lambda _: httpx.Response(200, content=body, headers=headers)))


def pages(*answers: object) -> JsonVacancyFeed:
    """An association that answers with these pages, one after the other, and then always with the last."""
    waiting = list(answers)
    return JsonVacancyFeed(http(lambda _: httpx.Response(200, json=waiting.pop(0) if len(waiting) > 1 else waiting[0])))


async def all_batches(feed: VacancyFeed, last: FeedMark | None = None) -> list[FeedBatch]:
    """All batches of a feed."""
    return [batch async for batch in feed.batches(last or FeedMark())]


async def all_rows(feed: VacancyFeed) -> list[RawVacancy]:
    """All rows of a feed."""
    return [row for batch in await all_batches(feed) for row in batch.rows]


def with_all_fields(row: VacancyRow) -> dict[str, object]:
    """A row in which missing fields are None, as empty cells are."""
    return dict.fromkeys(FIELDS) | row


def faults(row: RawVacancy) -> list[str]:
    """Why the contract or the connector rejects a row; empty when neither does."""
    if row.fault is not None:
        return [row.fault.partition(":")[0]]
    try:
        validated(row.values)
    except ValidationError as error:
        return [reason.partition(":")[0] for reason in reasons(error)]
    return []


def with_cell(column: str, cell: str) -> str:
    """The row with one cell replaced."""
    return ";".join(cell if name == column else before for name, before in zip(COLUMNS_OF_ROW, CELLS, strict=True))

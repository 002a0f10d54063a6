"""A vacancy feed in JSON, in pages."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from connectors.http import PartnerHttp
from connectors.kroner import ore
from domain.errors import PartnerUnavailable
from domain.ports import RawVacancy

MOST_PAGES = 1000
LONGEST_RAW = 2000

# The association's name for each field of the contract (domain/vacancy_feed.py).
FIELDS = {
    "id": "external_id",
    "department": "department",
    "municipality_code": "municipality",
    "area": "area",
    "rooms": "rooms",
    "size_m2": "size_m2",
    "rent_monthly": "rent_monthly_ore",
    "available_from": "available_from",
    "step_free": "step_free",
    "letting": "letting",
}


@dataclass(frozen=True, slots=True)
class JsonVacancyFeed:
    """`GET {url}?cursor=…` until `next` is null. Rent in kroner; fields we do not know are left alone."""

    serves: ClassVar[Literal["vacancy_feed"]] = "vacancy_feed"

    http: PartnerHttp

    async def rows(self) -> AsyncIterator[RawVacancy]:
        """Every row, page after page; `PartnerUnavailable` when the pages do not come to an end."""
        line, seen, cursor = 0, set[str](), None
        while True:
            vacancies, cursor = await self._page(cursor)
            for vacancy in vacancies:
                line += 1
                yield raw_vacancy(line, vacancy)
            if cursor is None:
                return
            if cursor in seen or len(seen) == MOST_PAGES:
                raise PartnerUnavailable("GET /: the pages go round in circles")
            seen.add(cursor)

    async def _page(self, cursor: str | None) -> tuple[list[object], str | None]:
        """The rows of a page and the cursor of the next one, None after the last."""
        answer = await self.http.read(query={} if cursor is None else {"cursor": cursor})
        page = answer.json(parse_float=Decimal)
        if not isinstance(page, dict) or not isinstance(page.get("vacancies"), list) or "next" not in page:
            raise PartnerUnavailable("GET /: not a page of vacancies")
        following = page["next"]
        # An empty cursor would ask for the first page again.
        if following is not None and not (isinstance(following, str) and following):
            raise PartnerUnavailable("GET /: not a cursor")
        return page["vacancies"], following


def raw_vacancy(line: int, vacancy: object) -> RawVacancy:
    """A row under the contract's names; what is not an object has no fields and so breaks the contract."""
    known = vacancy if isinstance(vacancy, dict) else {}
    values = {ours: known[theirs] for theirs, ours in FIELDS.items() if theirs in known}
    if "rent_monthly_ore" in values:
        values["rent_monthly_ore"] = ore(values["rent_monthly_ore"])
    return RawVacancy(line, values, json.dumps(vacancy, ensure_ascii=False, default=str)[:LONGEST_RAW])

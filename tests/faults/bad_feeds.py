"""Bad feeds as data: what an association may get wrong in each format, and the expected outcome."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any

from connectors.vacancy_feed.csv_columns import COLUMNS
from connectors.vacancy_feed.xml_elements import ELEMENTS

Row = dict[str, Any]
# What a partner writes to a connection in answer to the nth request, in a feed's format.
Talk = Callable[["Form", int, asyncio.StreamWriter], Awaitable[None]]
GOOD_ROWS = 20
MISSING = object()


class Outcome(Enum):
    """The expected outcome of a bad feed. In every case the good rows that were known stay known."""

    APPLIED = "applied, and nothing is in quarantine"
    QUARANTINED = "applied, and one row is in quarantine"
    REFUSED = "nothing is applied, and a person is told"
    HELD = "held back by the breaker"


@dataclass(frozen=True)
class Form:
    """A format of feed: its connector, its media type, and how its rows and the whole feed are written."""

    connector: str
    media_type: str
    write: Callable[[Sequence[Row]], bytes]

    def __str__(self) -> str:
        return self.connector.partition("-")[0]


def good(number: int, **changes: Any) -> Row:
    """A row without errors."""
    row = {
        "external_id": f"havblik-{number}",
        "department": "Strandvænget",
        "municipality": "0450",
        "rooms": 3,
        "size_m2": 79,
        "rent_monthly_ore": 700_000,
        "available_from": "2026-04-01",
        "step_free": True,
        "letting": "municipal_assignment",
    } | changes
    return {name: value for name, value in row.items() if value is not MISSING}


def rows(**changes: Any) -> list[Row]:
    """All good rows, each with the same changes."""
    return [good(number, **changes) for number in range(1, GOOD_ROWS + 1)]


def as_json(rows: Sequence[Row]) -> bytes:
    return json.dumps({"format": "vacancy-feed/1", "vacancies": list(rows), "next": None}).encode()


WORDS = {True: "ja", False: "nej", "municipal_assignment": "anvisning"}
OURS = {ours: column for column, (ours, _) in COLUMNS.items()}
CODES = {True: "true", False: "false", "municipal_assignment": "Anvisning"}
TAGS = {ours: element for element, (ours, _) in ELEMENTS.items()}


def kroner(name: str, value: Any) -> Any:
    return f"{value // 100}" if name.endswith("_ore") and isinstance(value, int) else value


def as_csv(rows: Sequence[Row]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))

    def cell(name: str, row: Row) -> str:
        value = kroner(name, row.get(name, ""))
        return str(WORDS.get(value, value) if isinstance(value, str | bool) else value)

    lines = [";".join(OURS[name] for name in names), *(";".join(cell(name, row) for name in names) for row in rows)]
    return "\r\n".join(lines).encode("cp1252", "replace")


def as_xml(rows: Sequence[Row]) -> bytes:
    def element(name: str, value: Any) -> str:
        told = kroner(name, value)
        text = str(CODES.get(told, told) if isinstance(told, str | bool) else told)
        return f"<{TAGS[name]}>{escape(text)}</{TAGS[name]}>"

    homes = "".join(f"<Bolig>{''.join(element(*part) for part in row.items())}</Bolig>" for row in rows)
    root = f"<BoligListe><Boligorganisation><Afdeling>{homes}</Afdeling></Boligorganisation></BoligListe>"
    return f'<?xml version="1.0" encoding="utf-8"?>{root}'.encode()


JSON = Form("json-vacancies", "application/json", as_json)
CSV = Form("csv-vacancies", "text/csv; charset=windows-1252", as_csv)
XML = Form("xml-vacancies", "application/xml", as_xml)


def replaced(form: Form, before: bytes, after: bytes) -> bytes:
    """A good feed in which some bytes are replaced."""
    body = form.write(rows())
    assert before in body, before
    return body.replace(before, after, 1)


def declaring(document_type: bytes) -> bytes:
    """A good XML feed with a document type."""
    return replaced(XML, b"<BoligListe>", b"<!DOCTYPE x " + document_type + b"><BoligListe>")


def spoilt(field: str, wrong: Any) -> list[Row]:
    """A good feed whose rents have risen, and one wrong row more."""
    more = good(GOOD_ROWS + 1, **{field: wrong})
    return [*rows(rent_monthly_ore=710_000), more | ({"persons_min": 22} if field == "persons_max" else {})]


def in_utf_8(rows: Sequence[Row]) -> bytes:
    """An export in UTF-8."""
    return CSV.write(rows).decode("cp1252").encode()

"""Bad feeds as data: what an association may get wrong, in each form that is read, and what must come of it."""

import asyncio
import gzip
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any

from connectors.vacancy_feed.csv_columns import COLUMNS
from connectors.vacancy_feed.xml_elements import ELEMENTS

Row = dict[str, Any]
# What a partner says on a connection: to the nth request that it gets, in a feed's form.
Talk = Callable[["Form", int, asyncio.StreamWriter], Awaitable[None]]
GOOD_ROWS = 20
MISSING = object()


class Outcome(Enum):
    """What must come of it. In every case each good row that was known is known still."""

    APPLIED = "applied, and nothing is in quarantine"
    QUARANTINED = "applied, and one row is in quarantine"
    REFUSED = "nothing is applied, and a person is told"
    HELD = "held back by the breaker"


@dataclass(frozen=True)
class Form:
    """A form of feed: its connector, its media type, and how rows and a whole are written."""

    connector: str
    media_type: str
    write: Callable[[Sequence[Row]], bytes]

    def __str__(self) -> str:
        return self.connector.partition("-")[0]


def good(number: int, **changes: Any) -> Row:
    """A home as the association means it."""
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
    """All good rows, each changed alike."""
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

# A row with this in this field breaks the contract; its like in words and codes breaks it in every form.
IN_EVERY_FORM: list[tuple[str, Any]] = [
    *(("rooms", wrong) for wrong in (0, -1, 13, 10**12, 10**30, "2,5 stue", "tre", MISSING)),
    *(("size_m2", wrong) for wrong in (0, 9, 401, "stor", MISSING)),
    *(("rent_monthly_ore", wrong) for wrong in (-100, 0, 4_999_900 // 100, 500_000_100, "efter aftale", MISSING)),
    *(("available_from", wrong) for wrong in ("2026-02-30", "1900-01-01", "2999-12-31", "i morgen", MISSING)),
    *(("department", wrong) for wrong in ("=SUM(A1)", "+4500", "@nogen", "-1", "StrandvÃ¦nget", "x" * 121, MISSING)),
    *(("external_id", wrong) for wrong in ("=1", "x" * 121, MISSING)),
    *(("municipality", wrong) for wrong in ("9999", "461", "04500", "Nyborg", MISSING)),
    *(("step_free", wrong) for wrong in ("måske", "2", MISSING)),
    *(("letting", wrong) for wrong in ("måske", MISSING)),
    *(("floor", wrong) for wrong in ("stuen", 41, -4)),
    *(("status", wrong) for wrong in ("måske",)),
    *(("dar_address_id", wrong) for wrong in ("ikke en adresse", "0a3f507a-xxxx")),
    *(("deposit_ore", wrong) for wrong in (-100, "21.000,-")),
    *(("lbf_number", wrong) for wrong in ("A1", "1234567")),
    *(("persons_max", wrong) for wrong in (0, 21)),
]  # fmt: skip  # a field with what may be wrong in it stands together

JSON_ALONE: list[tuple[str, Any]] = [
    *(("rooms", wrong) for wrong in (2.5, None, [], {}, [3])),
    *(("rent_monthly_ore", wrong) for wrong in (None, "7.250,00", 725_000.5)),
    *(("available_from", wrong) for wrong in (None, 1_767_225_600, 1.5, "01-04-2026", True)),
    *(("department", wrong) for wrong in (None, "", " ", 7, ["x"], "a\x00b", "a\nb", "Strandv\ufffdnget")),
    *(("external_id", wrong) for wrong in (None, "", 12, {"id": 1})),
    *(("municipality", wrong) for wrong in (None, 450, "0450 ")),
    *(("step_free", wrong) for wrong in (None, "ja", 7)),
    *(("letting", wrong) for wrong in (None, "", ["ordinary"])),
]


def replaced(form: Form, before: bytes, after: bytes) -> bytes:
    """A good feed with something else in it."""
    body = form.write(rows())
    assert before in body, before
    return body.replace(before, after, 1)


def declaring(document_type: bytes) -> bytes:
    """A good XML feed with a document type."""
    return replaced(XML, b"<BoligListe>", b"<!DOCTYPE x " + document_type + b"><BoligListe>")


def spoilt(field: str, wrong: Any) -> list[Row]:
    """A good feed whose rent has risen, and one more row that is wrong."""
    more = good(GOOD_ROWS + 1, **{field: wrong})
    return [*rows(rent_monthly_ore=710_000), more | ({"persons_min": 22} if field == "persons_max" else {})]


def in_utf_8(rows: Sequence[Row]) -> bytes:
    """An export in UTF-8."""
    return CSV.write(rows).decode("cp1252").encode()


RISEN = rows(rent_monthly_ore=710_000)
LINES = CSV.write(RISEN).split(b"\r\n")
MARK = b"\xef\xbb\xbf"


def after_each(end: bytes, lines: Sequence[bytes] = LINES) -> bytes:
    """The lines, each with something more at its end."""
    return b"\r\n".join(line + end for line in lines)


# What spreadsheets and serialisers add to a feed in which every row is good.
WELL_MEANT: dict[Form, dict[str, bytes]] = {
    JSON: {
        "a mark of the byte order": MARK + JSON.write(RISEN),
        "two of them, and white space": MARK * 2 + b" \r\n" + JSON.write(RISEN),
        "a number that is none where none is needed": replaced(
            JSON, b'"rooms"', b'"deposit_ore": NaN, "rooms"'
        ).replace(b"700000", b"710000"),
    },
    CSV: {
        "cells with line breaks, quotes and delimiters": in_utf_8(RISEN).replace(
            "Strandvænget".encode(), '"Strand;\n\r\n""vænget"""'.encode()
        ),
        "a column name with a line break": CSV.write(RISEN).replace(b"Ledig fra", b'"Ledig\r\nfra"'),
        "what tells a spreadsheet its delimiter": b"sep=;\r\n" + CSV.write(RISEN),
        "an empty line first": b"\r\n;;;\r\n" + CSV.write(RISEN),
        "titles": b'"Ledige boliger"\r\n"Udtrukket\r\n01-03-2026";\r\n\r\n' + CSV.write(RISEN),
        "a title with a mark that nobody closes": b'Boliger til "os\r\n' + CSV.write(RISEN),
        "a mark of the byte order": MARK + in_utf_8(RISEN),
        "two of them": MARK * 2 + in_utf_8(RISEN),
        "one that was read as something else": "ï»¿".encode() + in_utf_8(RISEN),
        "one behind the title": b"sep=;\n" + MARK + in_utf_8(RISEN),
        "UTF-16": in_utf_8(RISEN).decode().replace(";", "\t").encode("utf-16"),
        "UTF-16 without a mark": in_utf_8(RISEN).decode().encode("utf-16-le"),
        "ends of lines of old": CSV.write(RISEN).replace(b"\r\n", b"\r"),
        "a delimiter at the end of each line": after_each(b";"),
        "delimiters at the ends of rows": LINES[0] + b"\r\n" + after_each(b";;", LINES[1:]),
        "empty columns that rows do not have": after_each(b"", [LINES[0] + b";Status;Elevator", *LINES[1:]]),
        "the header once more": after_each(b"", [*LINES[:9], LINES[0], *LINES[9:]]),
        "what it all comes to": CSV.write(RISEN) + b"\r\nI alt: 20;;;;;142000;;;\r\n",
        "other case and more spaces": CSV.write(RISEN).replace(b"Ledig fra", b" LEDIG  FRA ").replace(b"Rum", b"rum"),
        "every cell in quotes": after_each(b"", [b'"' + line.replace(b";", b'";"') + b'"' for line in LINES]),
        "numbers as people write them": CSV.write(RISEN).replace(b";7100;", b';"7.100,00";'),
    },
    XML: {
        "white space before the declaration": b"\r\n  " + XML.write(RISEN),
        "a mark of the byte order": MARK + XML.write(RISEN),
        "two of them, and white space": MARK * 2 + b"\n" + XML.write(RISEN),
    },
}

NOT_WHOLE: dict[Form, dict[str, bytes]] = {
    JSON: {
        "nothing": b"",
        "cut short": JSON.write(rows())[:-30],
        "cut in a row": JSON.write(rows())[: len(JSON.write(rows())) // 2],
        "no JSON": b"Lejemaalsnr;Afdeling",
        "single quotes": JSON.write(rows()).replace(b'"', b"'"),
        "UTF-16": JSON.write(rows()).decode().encode("utf-16"),
        "nested too deep": b'{"format":"vacancy-feed/1","next":null,"vacancies":' + b"[" * 100_000,
        "another format": replaced(JSON, b"vacancy-feed/1", b"vacancy-feed/2"),
        "no format": replaced(JSON, b'"format"', b'"form"'),
        "no vacancies": replaced(JSON, b'"vacancies"', b'"homes"'),
        "vacancies that are no list": b'{"format":"vacancy-feed/1","vacancies":{},"next":null}',
        "a list of rows alone": json.dumps(rows()).encode(),
        "a word": b'"vacancies"',
        "null": b"null",
        "without a next": replaced(JSON, b'"next"', b'"naeste"'),
        "an empty cursor": replaced(JSON, b"null}", b'""}'),
        "a cursor that is a number": replaced(JSON, b"null}", b"7}"),
        "a cursor without end": replaced(JSON, b"null}", b'"' + b"a" * 70_000 + b'"}'),
        "a stamp before there was time": replaced(
            JSON, b'"next"', b'"generated_at":"0001-01-01T00:00:00+14:00","next"'
        ),
        "a page of small things": replaced(JSON, b"]", b",7" * 20_000 + b"]"),
        "a cursor that leads round in circles": replaced(JSON, b"null}", b'"a"}'),
        "another mode": replaced(JSON, b'"next"', b'"mode":"some","next"'),
        "a stamp without its zone": replaced(JSON, b'"next"', b'"generated_at":"2026-03-01T01:00:00","next"'),
        "a stamp that is a number": replaced(JSON, b'"next"', b'"generated_at":1767225600,"next"'),
        "a page of five megabytes": replaced(JSON, b'"next"', b'"filler":"' + b"x" * 5_000_000 + b'","next"'),
    },
    CSV: {
        "nothing": b"",
        "no table": b"Kom igen i morgen",
        "no header": CSV.write(rows()).partition(b"\r\n")[2],
        "a header that lacks a column": replaced(CSV, b"Husleje", b"Leje"),
        "a column that stands twice": replaced(CSV, b"Areal", b"Rum"),
        "spread by colons": CSV.write(rows()).replace(b";", b":"),
        "no text": bytes(range(256)) * 20,
        "a line without end": CSV.write(rows()) + b"\r\n" + b"x" * 1_000_000,
        "a workbook": b"PK\x03\x04" + bytes(2000),
        "JSON": JSON.write(rows()),
    },
    XML: {
        "nothing": b"",
        "cut short": XML.write(rows())[:-30],
        "cut in a row": XML.write(rows())[: len(XML.write(rows())) // 2],
        "no XML": b"Lejemaalsnr;Afdeling",
        "another root": XML.write(rows()).replace(b"BoligListe", b"Huslejer"),
        "an entity bomb": replaced(
            XML, b"<BoligListe>", b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><BoligListe>'
        ),
        "an external entity": replaced(
            XML, b"<BoligListe>", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><BoligListe>'
        ),
        "an external document type": replaced(XML, b"<BoligListe>", b'<!DOCTYPE x SYSTEM "x.dtd"><BoligListe>'),
        "an entity that nobody declared": replaced(XML, b">79<", b">&a;<"),
        "an encoding that there is not": replaced(XML, b"utf-8", b"klingon"),
        "NUL": replaced(XML, b"havblik-7<", b"havblik\x00<"),
        "mismatched": replaced(XML, b"</Bolig>", b"</Afdeling>"),
        "two documents": XML.write(rows()) * 2,
        "nested too deep": b"<BoligListe>" + b"<a>" * 200_000,
        "homes within a home": replaced(XML, b"<Bolig>", b"<Bolig><a/><Bolig/>"),
        "a stamp before there was time": replaced(
            XML, b"<BoligListe>", b'<BoligListe DannetDatoTid="0001-01-01T00:00:00+14:00">'
        ),
        "a text without end": replaced(XML, b">79<", b">" + b"9" * 1_100_000 + b"<"),
        "a comment without end": replaced(XML, b"<Afdeling>", b"<Afdeling><!--" + b"x" * 1_100_000 + b"-->"),
        "a stamp without its zone": replaced(XML, b"<BoligListe>", b'<BoligListe DannetDatoTid="2026-03-01">'),
        "a login page": b"<html><body>Log ind</body></html>",
    },
}

# Whole feeds in which one row is not as it should be, by its bytes.
ONE_ROW: dict[Form, dict[str, bytes]] = {
    JSON: {
        "a size that is no number": replaced(JSON, b"79", b"NaN"),
        "a byte of another encoding": replaced(JSON, b"Strandv\\u00e6nget", b"Strandv\xe6nget"),
        "a line break in a name": replaced(JSON, b"Strandv\\u00e6nget", b"Strand\nvangen"),
        "a row that is a number": replaced(JSON, b"]", b", 7]"),
        "a row that is a list": replaced(JSON, b"]", b", []]"),
        "a row nested deep": replaced(JSON, b"]", b', {"rooms": ' + b"[" * 500 + b"]" * 500 + b"}]"),
        "an id with a NUL": replaced(JSON, b"]", b', {"external_id": "a\\u0000b"}]'),
        "a row that is null": replaced(JSON, b"]", b", null]"),
        "an id that stands twice": JSON.write([*rows(), good(1)]),
    },
    CSV: {
        "a byte of another encoding": in_utf_8(rows()).replace("Strandvænget".encode(), b"Strandv\xe6nget", 1),
        "a byte that is in no encoding": CSV.write([*rows(), good(21, department="X?")]).replace(b"?", b"\x81"),
        "a cell too many in the middle": CSV.write(rows()).replace(b";3;79;", b";;3;79;", 1),
        "a cell too few in the middle": CSV.write(rows()).replace(b";3;79;", b";79;", 1),
        "a row too short": CSV.write(rows()) + b"\r\nhavblik-21;Strand",
        "a number with too many thousands": CSV.write([*rows(), good(21, rooms="1" + ".000" * 10)]),
        "a number of five thousand digits": CSV.write([*rows(), good(21, size_m2="1" + ".000" * 1_700)]),
        "a row too long": CSV.write(rows()) + b"\r\n" + b"x;" * 40,
        "a quotation mark that nobody closed": CSV.write(rows()) + b'\r\n"havblik-21;Strand',
        "an id that stands twice": CSV.write([*rows(), good(1)]),
        "a quotation mark in the middle": CSV.write(rows()) + b'\r\nha"vb"lik;"x"y;;;;;;;',
    },
    XML: {
        "a byte of another encoding": replaced(XML, "æ".encode(), b"\xe6"),
        "an element that stands twice": XML.write([*rows(), good(21)]).replace(
            b">havblik-21<", b">havblik-21</BoligIdentifikator><RumAntal>4</RumAntal><BoligIdentifikator>x<"
        ),
        "an element that stands five thousand times": replaced(
            XML, b"</Afdeling>", b"<Bolig>" + b"<RumAntal>3</RumAntal>" * 5_000 + b"</Bolig></Afdeling>"
        ),
        "a size that takes for ever": XML.write([*rows(), good(21, size_m2="1e999999999")]),
        "an empty home": replaced(XML, b"</Afdeling>", b"<Bolig/></Afdeling>"),
        "an id that stands twice": XML.write([*rows(), good(1)]),
        "a home with text alone": replaced(XML, b"</Afdeling>", b"<Bolig>havblik-21</Bolig></Afdeling>"),
    },
}  # fmt: skip  # alike


async def answer(out: asyncio.StreamWriter, body: bytes, *, status: str = "200 OK", **headers: str) -> None:
    """A whole HTTP answer."""
    told = {"Content-Length": str(len(body)), "Connection": "close"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    out.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)
    await out.drain()


async def well(form: Form, out: asyncio.StreamWriter) -> None:
    """The feed as it should be, its rents risen."""
    await answer(out, form.write(rows(rent_monthly_ore=710_000)), Content_Type=form.media_type)


def always(status: str, body: bytes = b"{}", **headers: str) -> Talk:
    """The same answer to every request."""

    async def talk(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
        await answer(out, body, status=status, **{"Content_Type": form.media_type} | headers)

    return talk


def first(bad: Talk) -> Talk:
    """Bad at first, and then as it should be."""

    async def talk(form: Form, nth: int, out: asyncio.StreamWriter) -> None:
        await (bad(form, nth, out) if nth == 1 else well(form, out))

    return talk


def reset(out: asyncio.StreamWriter) -> None:
    """Cut the connection so that the other side is told of an error."""
    found: socket.socket = out.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    out.transport.abort()


async def begun(form: Form, out: asyncio.StreamWriter, *, length: int | None = None) -> bytes:
    """The first half of a feed; returns what is left."""
    body = form.write(rows(rent_monthly_ore=710_000))
    out.write(
        f"HTTP/1.1 200 OK\r\nContent-Type: {form.media_type}\r\nContent-Length: {length or len(body)}\r\n\r\n".encode()
    )
    out.write(body[: len(body) // 2])
    await out.drain()
    return body[len(body) // 2 :]


async def reset_in_the_middle(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await begun(form, out)
    await asyncio.sleep(0.01)  # The half must have gone before the line is cut.
    reset(out)


async def ended_in_the_middle(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await begun(form, out)


async def silent_in_the_middle(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await begun(form, out)
    await asyncio.sleep(30)  # Longer than anybody waits.


async def longer_than_announced(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    rest = await begun(form, out, length=200)
    out.write(rest)
    await out.drain()


async def cut_between_chunks(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    body = form.write(rows())[:300]
    out.write(f"HTTP/1.1 200 OK\r\nContent-Type: {form.media_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    out.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
    await out.drain()


async def drips(_form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    for sign in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 3000:
        out.write(bytes([sign]))
        await out.drain()
        await asyncio.sleep(0.01)  # A slow loris is slow.


async def never_ends(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    out.write(f"HTTP/1.1 200 OK\r\nContent-Type: {form.media_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    body = form.write(rows())
    while True:
        out.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        await out.drain()
        await asyncio.sleep(0)  # Others get their turn.


async def hangs_up(_form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    reset(out)


async def speaks_something_else(_form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    out.write(b"220 mail.example ESMTP\r\n")
    await out.drain()


async def bomb(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    packed = gzip.compress(b" " * 30_000_000)
    await answer(out, packed, Content_Type=form.media_type, Content_Encoding="gzip")


async def without_a_length(form: Form, _nth: int, out: asyncio.StreamWriter) -> None:
    await answer(out, form.write(rows())[:-40], Content_Type=form.media_type, Content_Length="")


LOGIN = b"<!doctype html><html><body><form>Log ind</form></body></html>"
ON_THE_LINE: dict[str, tuple[Talk, Outcome]] = {
    "a login page": (always("200 OK", LOGIN, Content_Type="text/html; charset=utf-8"), Outcome.REFUSED),
    "a redirect to another host": (always("302 Found", Location="http://evil.invalid/"), Outcome.REFUSED),
    "a redirect that keeps the method": (always("307 Temporary Redirect", Location="/elsewhere"), Outcome.REFUSED),
    "unauthorised": (always("401 Unauthorized"), Outcome.REFUSED),
    "forbidden": (always("403 Forbidden"), Outcome.REFUSED),
    "not found": (always("404 Not Found"), Outcome.REFUSED),
    "gone": (always("410 Gone"), Outcome.REFUSED),
    "a failure each time": (always("500 Internal Server Error"), Outcome.REFUSED),
    "a failure at first": (first(always("502 Bad Gateway")), Outcome.APPLIED),
    "busy at first": (first(always("503 Service Unavailable", Retry_After="0")), Outcome.APPLIED),
    "too many at first": (first(always("429 Too Many Requests", Retry_After="0")), Outcome.APPLIED),
    "a wait that is no number": (first(always("503 Service Unavailable", Retry_After="snart")), Outcome.APPLIED),
    "a wait of thirty years": (always("503 Service Unavailable", Retry_After="999999999"), Outcome.REFUSED),
    "nothing": (always("204 No Content", b""), Outcome.REFUSED),
    "a part": (always("206 Partial Content", as_json(rows()[:3])), Outcome.REFUSED),
    "unchanged, though nobody asked": (always("304 Not Modified", b""), Outcome.REFUSED),
    "a connection reset in the middle": (reset_in_the_middle, Outcome.REFUSED),
    "a connection reset in the middle at first": (first(reset_in_the_middle), Outcome.APPLIED),
    "an end in the middle": (ended_in_the_middle, Outcome.REFUSED),
    "an end in the middle at first": (first(ended_in_the_middle), Outcome.APPLIED),
    "silence in the middle": (silent_in_the_middle, Outcome.REFUSED),
    "silence in the middle at first": (first(silent_in_the_middle), Outcome.APPLIED),
    "more than was announced": (longer_than_announced, Outcome.REFUSED),
    "chunks that stop": (cut_between_chunks, Outcome.REFUSED),
    "a slow loris": (drips, Outcome.REFUSED),
    "a body that never ends": (never_ends, Outcome.REFUSED),
    "hanging up": (hangs_up, Outcome.REFUSED),
    "hanging up at first": (first(hangs_up), Outcome.APPLIED),
    "another protocol": (speaks_something_else, Outcome.REFUSED),
    "a gzip bomb that nobody asked for": (bomb, Outcome.REFUSED),
    "no length, and cut short": (without_a_length, Outcome.REFUSED),
}

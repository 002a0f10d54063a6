"""Feeds with errors, and feeds that are only written in an unusual way, in every format."""

import json
from collections.abc import Sequence
from typing import Any

from tests.faults.bad_feeds import CSV, JSON, MISSING, XML, Form, good, in_utf_8, replaced, rows

# A field and a value with which a row breaks the contract, in every format.
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

RISEN = rows(rent_monthly_ore=710_000)
LINES = CSV.write(RISEN).split(b"\r\n")
MARK = b"\xef\xbb\xbf"


def after_each(end: bytes, lines: Sequence[bytes] = LINES) -> bytes:
    """The lines, each with these bytes at its end."""
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

# Whole feeds in which the bytes of one row are wrong.
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

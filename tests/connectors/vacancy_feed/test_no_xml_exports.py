"""XML exports that are incomplete, too large or not plain XML."""

import tracemalloc

import httpx
import pytest

from connectors.http import PartnerHttp
from connectors.vacancy_feed import xml_feed as vacancy_feed_xml
from connectors.vacancy_feed.xml_feed import LARGEST_HOME_BYTES, MOST_TOLD, XmlVacancyFeed
from domain.errors import PartnerUnavailable
from domain.ports.vacancy_feed import FeedMark
from tests.connectors.vacancy_feed.associations import all_rows
from tests.connectors.vacancy_feed.xml_homes import HOME, document, feed

BOMB = "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 10}">' for n in range(9)) + "]>"
HEAD = '<?xml version="1.0"?>'
NO_EXPORTS = {
    "an entity bomb": document("&e8;", head=HEAD + BOMB),
    "an external entity": document("&x;", head=HEAD + '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "a document type": document(HOME, head=HEAD + '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'),
    "an entity that nobody declared": document("<Bolig>&x;</Bolig>"),
    "cut short": document(HOME)[:-20],
    "cut before its end": document(HOME).removesuffix("</BoligListe>"),
    "two roots": document(HOME) + document(HOME),
    "mismatched": document("<Bolig></Afdeling>"),
    "another root": document(HOME, root="Huslejer"),
    "a login page": "<html><body>Log ind</body></html>",
    "nothing": "",
    "no XML": "Lejemålsnr;Afdeling",
    "unknown encoding": document(HOME, head='<?xml version="1.0" encoding="klingon"?>'),
    "NUL": document(HOME.replace("12-1-3", "12\x001-3")),
    "a stamp without its zone": document(HOME, root='BoligListe DannetDatoTid="2026-03-01T01:00:00"'),
    "a text without end": document(f"<Bolig><X>{'x' * (2 * LARGEST_HOME_BYTES)}</X></Bolig>"),
    "a tag without end": document(f'<Bolig x="{"x" * (2 * LARGEST_HOME_BYTES)}"></Bolig>'),
    "a comment without end": document(f"<!-- {'x' * (2 * LARGEST_HOME_BYTES)} -->", HOME),
    "deep nesting": document("<a>" * 200_000),
    "much beside its homes": document("".join(f"<X{n}>x</X{n}>" for n in range(MOST_TOLD + 1)), HOME),
    "a long text beside its homes": document(f"<X>{'x' * 20_001}</X>", HOME),
}


@pytest.mark.parametrize("body", NO_EXPORTS.values(), ids=NO_EXPORTS.keys())
async def test_what_is_not_a_whole_plain_export_is_no_feed_at_all(body):
    with pytest.raises(PartnerUnavailable, match="GET /: ") as refused:
        await all_rows(feed(body, piece=65_536))
    assert refused.value.__cause__ is None
    assert "12-1-3" not in str(refused.value)


@pytest.mark.parametrize("media_type", ["text/html", "application/json", ""])
async def test_what_says_that_it_is_something_else_is_no_export(media_type):
    with pytest.raises(PartnerUnavailable, match="not an XML export"):
        await all_rows(feed(document(HOME), media_type=media_type))


async def test_a_document_of_a_gigabyte_is_refused_and_never_held(monkeypatch):
    # A tenth of the real limit, with which the test would take half a minute.
    monkeypatch.setattr(vacancy_feed_xml, "LARGEST_FEED_BYTES", 3_000_000)
    sent = 0

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):
            nonlocal sent
            yield document(HOME).removesuffix("</Afdeling></Boligorganisation></BoligListe>").encode()
            homes = HOME.encode() * 100
            while sent < 1_000_000_000:
                sent += len(homes)
                yield homes

    headers = {"content-type": "text/xml", "content-length": "1000000000"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Endless(), headers=headers))
    endless = XmlVacancyFeed(PartnerHttp("https://feed.test", token="t", timeout_s=60, transport=transport))
    tracemalloc.start()
    try:
        with pytest.raises(PartnerUnavailable, match="too large"):
            async for _ in endless.batches(FeedMark()):
                held, _ = tracemalloc.get_traced_memory()
                assert held < 30_000_000
    finally:
        tracemalloc.stop()
    assert sent < 4_000_000

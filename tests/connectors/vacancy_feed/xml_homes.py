"""Homes in an XML export."""

import secrets

import httpx

from connectors.http import PartnerHttp
from connectors.vacancy_feed.xml_feed import XmlVacancyFeed

HOME = """<Bolig><BoligIdentifikator>12-1-3</BoligIdentifikator><KommuneKode>0751</KommuneKode>
<RumAntal>3</RumAntal><ArealKvantitet>78.5</ArealKvantitet><HuslejeBeloeb>7250.50</HuslejeBeloeb>
<LedigFraDato>2026-05-01</LedigFraDato><NiveaufriAdgangIndikator>true</NiveaufriAdgangIndikator>
<UdlejningKode>Fleksibel</UdlejningKode></Bolig>"""


def document(*homes: str, head: str = '<?xml version="1.0" encoding="utf-8"?>', root: str = "BoligListe") -> str:
    """An export with one department."""
    return (
        f"{head}<{root}><Boligorganisation><BoligorganisationIdentifikator>9901</BoligorganisationIdentifikator>"
        "<Afdeling><AfdelingIdentifikator>12</AfdelingIdentifikator><AfdelingNavn>Åkanden</AfdelingNavn>"
        f"{''.join(homes)}</Afdeling></Boligorganisation></{root.split(maxsplit=1)[0]}>"
    )


def feed(body: str | bytes, *, media_type: str = "application/xml", piece: int = 0) -> XmlVacancyFeed:
    """An association with this export, sent in pieces of so many bytes."""
    content = body.encode() if isinstance(body, str) else body

    class Pieces(httpx.AsyncByteStream):
        async def __aiter__(self):
            for start in range(0, len(content), piece or len(content) or 1):
                yield content[start : start + (piece or len(content))]

    headers = {"content-type": media_type, "content-length": str(len(content))}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Pieces(), headers=headers))
    return XmlVacancyFeed(PartnerHttp("https://feed.test", token=secrets.token_hex(), timeout_s=5, transport=transport))

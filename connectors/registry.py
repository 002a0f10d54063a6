"""The connectors. A new kind of partner system is a file and a line here."""

from typing import Literal, overload

import httpx

from connectors.case_system.json_system import JsonCaseSystem
from connectors.finance.json_finance import JsonFinanceSystem
from connectors.handover import JsonHandoverDesk
from connectors.http import PartnerHttp
from connectors.letters.json_letters import JsonLetterSystem
from connectors.reservations import JsonReservationDesk
from connectors.vacancy_feed.csv_feed import CsvVacancyFeed
from connectors.vacancy_feed.json_feed import JsonVacancyFeed
from connectors.vacancy_feed.xml_feed import XmlVacancyFeed
from domain.errors import Invalid
from domain.parties.party import Connection
from domain.ports.case_system import CaseSystem
from domain.ports.finance import FinanceSystem
from domain.ports.handover import HandoverDesk
from domain.ports.letters import LetterSystem
from domain.ports.reservations import ReservationDesk
from domain.ports.vacancy_feed import VacancyFeed

Connector = (
    JsonCaseSystem
    | JsonVacancyFeed
    | CsvVacancyFeed
    | XmlVacancyFeed
    | JsonReservationDesk
    | JsonHandoverDesk
    | JsonFinanceSystem
    | JsonLetterSystem
)

CONNECTORS: dict[str, type[Connector]] = {
    "json-case-system": JsonCaseSystem,
    "json-vacancies": JsonVacancyFeed,
    "csv-vacancies": CsvVacancyFeed,
    "xml-vacancies": XmlVacancyFeed,
    "json-reservations": JsonReservationDesk,
    "json-handover": JsonHandoverDesk,
    "json-finance": JsonFinanceSystem,
    "json-letters": JsonLetterSystem,
}

Transport = httpx.AsyncBaseTransport | None


@overload
def connector(
    system: Literal["case_system"], connection: Connection, *, token: str, timeout_s: float, transport: Transport = None
) -> CaseSystem: ...


@overload
def connector(
    system: Literal["vacancy_feed"],
    connection: Connection,
    *,
    token: str,
    timeout_s: float,
    transport: Transport = None,
) -> VacancyFeed: ...


@overload
def connector(
    system: Literal["reservations"],
    connection: Connection,
    *,
    token: str,
    timeout_s: float,
    transport: Transport = None,
) -> ReservationDesk: ...


@overload
def connector(
    system: Literal["handover"], connection: Connection, *, token: str, timeout_s: float, transport: Transport = None
) -> HandoverDesk: ...


@overload
def connector(
    system: Literal["finance"], connection: Connection, *, token: str, timeout_s: float, transport: Transport = None
) -> FinanceSystem: ...


@overload
def connector(
    system: Literal["letters"], connection: Connection, *, token: str, timeout_s: float, transport: Transport = None
) -> LetterSystem: ...


def connector(
    system: str, connection: Connection, *, token: str, timeout_s: float, transport: Transport = None
) -> CaseSystem | VacancyFeed | ReservationDesk | HandoverDesk | FinanceSystem | LetterSystem:
    """The connector to one system of a party (a key of `Partner.systems`); `Invalid` when it serves another kind."""
    kind = CONNECTORS.get(connection.connector)
    if kind is None:
        raise Invalid("connector", "unknown")
    if kind.serves != system:
        raise Invalid("connector", f"serves {kind.serves}, not {system}")
    return kind(PartnerHttp(connection.url, token=token, timeout_s=timeout_s, transport=transport))

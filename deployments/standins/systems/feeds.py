"""Vacancies in the three formats in which associations publish them: JSON, CSV and XML."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, tostring  # written here, never parsed

from deployments.standins.world import Sent

ROWS_A_PAGE = 50


def danish_kroner(ore: object) -> object:
    """Øre as 7.250,50."""
    return f"{Decimal(ore) / 100:,.2f}".translate(str.maketrans(",.", ".,")) if isinstance(ore, int) else ore


def danish_day(day: object) -> object:
    """An ISO day as dd-mm-yyyy; anything else as it is."""
    try:
        return date.fromisoformat(str(day)).strftime("%d-%m-%Y")
    except ValueError:
        return day


def danish_yes_no(answer: object) -> object:
    """True and false as ja and nej; anything else as it is."""
    return ("ja" if answer else "nej") if isinstance(answer, bool) else answer


def danish_letting(letting: object) -> object:
    """How a home is let, in the words of the export; anything else as it is."""
    words = {"ordinary": "ordinær", "flexible_letting": "fleksibel", "municipal_assignment": "anvisning"}
    return words.get(str(letting), letting)


def as_is(value: object) -> object:
    """A value that is written as it is."""
    return value


COLUMNS: dict[str, tuple[str, Callable[[object], object]]] = {
    "Lejemålsnr": ("external_id", as_is),
    "Afdelingsnr": ("department_number", as_is),
    "Afdeling": ("department", as_is),
    "Kommunekode": ("municipality", as_is),
    "Område": ("area", as_is),
    "Rum": ("rooms", as_is),
    "Areal": ("size_m2", as_is),
    "Husleje": ("rent_monthly_ore", danish_kroner),
    "Indskud": ("deposit_ore", danish_kroner),
    "Ledig fra": ("available_from", danish_day),
    "Etage": ("floor", as_is),
    "Niveaufri adgang": ("step_free", danish_yes_no),
    "Udlejning": ("letting", danish_letting),
}


def kroner(ore: object) -> object:
    """Øre as 7250.50."""
    return f"{Decimal(ore) / 100:.2f}" if isinstance(ore, int) else ore


def storey(floor: object) -> object:
    """A floor as Danmarks Adresseregister writes it."""
    return {0: "st", -1: "kl"}.get(floor, floor) if isinstance(floor, int) else floor


def true_false(answer: object) -> object:
    """True and false as XML writes them."""
    return str(answer).lower() if isinstance(answer, bool) else answer


def letting_code(letting: object) -> object:
    """How a home is let, as the register codes it."""
    codes = {"ordinary": "Ordinær", "flexible_letting": "Fleksibel", "municipal_assignment": "Anvisning"}
    return codes.get(str(letting), letting)


ELEMENTS: dict[str, tuple[str, Callable[[object], object]]] = {
    "BoligIdentifikator": ("external_id", as_is),
    "KommuneKode": ("municipality", as_is),
    "BoligomraadeNavn": ("area", as_is),
    "RumAntal": ("rooms", as_is),
    "ArealKvantitet": ("size_m2", as_is),
    "HuslejeBeloeb": ("rent_monthly_ore", kroner),
    "IndskudBeloeb": ("deposit_ore", kroner),
    "LedigFraDato": ("available_from", as_is),
    "EtageBetegnelse": ("floor", storey),
    "NiveaufriAdgangIndikator": ("step_free", true_false),
    "UdlejningKode": ("letting", letting_code),
}


def xml_export(vacancies: Sequence[Sent]) -> bytes:
    """The vacancies in the shape of the Huslejeregister: homes within their department, within the association."""
    root = Element("BoligListe", xmlns="urn:opdigtet:huslejeregister")
    association = SubElement(root, "Boligorganisation")
    SubElement(association, "BoligorganisationIdentifikator").text = "9901"
    by_department: dict[tuple[object, object], list[Sent]] = {}
    for vacancy in vacancies:
        by_department.setdefault((vacancy.get("department_number"), vacancy.get("department")), []).append(vacancy)
    for (number, name), homes in by_department.items():
        department = SubElement(association, "Afdeling")
        SubElement(department, "AfdelingIdentifikator").text = "" if number is None else str(number)
        SubElement(department, "AfdelingNavn").text = "" if name is None else str(name)
        for vacancy in homes:
            home = SubElement(department, "Bolig")
            for element, (ours, write) in ELEMENTS.items():
                value = write(vacancy.get(ours))
                if value is not None:
                    SubElement(home, element).text = str(value)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def json_page(vacancies: Sequence[Sent], cursor: str | None) -> Sent:
    """The page that a cursor names, and the cursor of the next."""
    start = int(cursor) if cursor and cursor.isdecimal() else 0
    end = start + ROWS_A_PAGE
    following = str(end) if end < len(vacancies) else None
    return {"format": "vacancy-feed/1", "vacancies": vacancies[start:end], "next": following}


def csv_export(vacancies: Sequence[Sent]) -> bytes:
    """The vacancies as a Danish spreadsheet exports them: Windows-1252, semicolons, decimal commas."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=";")
    writer.writerow(COLUMNS)
    for vacancy in vacancies:
        writer.writerow([write(vacancy.get(name)) for name, write in COLUMNS.values()])
    return table.getvalue().encode("cp1252", errors="replace")

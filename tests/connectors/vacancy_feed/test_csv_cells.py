"""The cells of an export are read as Danes write numbers, days and words."""

from datetime import date
from decimal import Decimal

import pytest

from connectors.vacancy_feed.csv_columns import COLUMNS
from connectors.vacancy_feed.kroner import ore
from domain.errors import PartnerUnavailable
from domain.feeds.row_judge import validated
from tests.connectors.vacancy_feed.associations import (
    CELLS,
    HEADER,
    ROW,
    all_rows,
    export,
    faults,
    with_cell,
)


@pytest.mark.parametrize(
    ("kroner", "expected_ore"),
    [
        (7250, 725_000),
        ("7250", 725_000),
        ("7250.5", 725_050),
        (" 7250.50 ", 725_050),
        ("7250.5000", 725_050),
        (Decimal("7250.55"), 725_055),
        (Decimal("0.29"), 29),
        (Decimal("1.005"), "1.005 kr"),
        ("7250,50", "7250,50 kr"),
        ("+60000", "+60000 kr"),
        ("60_000", "60_000 kr"),
        ("1e5", "1e5 kr"),
        (Decimal("1e999999"), "1E+999999 kr"),
        (Decimal("NaN"), "NaN kr"),
        (True, True),
        (None, None),
    ],
)
def test_kroner_become_exact_ore_or_keep_their_unit(kroner: object, expected_ore: object) -> None:
    assert ore(kroner) == expected_ore


async def test_an_export_is_read_as_danes_write() -> None:
    (row,) = await all_rows(export(f"{HEADER}\r\n{ROW}\r\n"))
    assert validated(row.values) == validated(
        {
            "external_id": "12-1-3",
            "department": "Åkanden",
            "municipality": "0751",
            "area": "Engen",
            "rooms": 3,
            "size_m2": 78,
            "rent_monthly_ore": 725_050,
            "available_from": date(2026, 5, 1),
            "step_free": True,
            "letting": "flexible_letting",
        }
    )
    assert (row.line, row.source) == (2, ROW)


@pytest.mark.parametrize(
    ("column", "cell", "field", "value"),
    [
        ("Husleje", "7250", "rent_monthly_ore", 725_000),
        ("Husleje", "7.250", "rent_monthly_ore", 725_000),
        ("Husleje", "7250,5", "rent_monthly_ore", 725_050),
        ("Husleje", "12.345,67", "rent_monthly_ore", 1_234_567),
        ("Areal", "79", "size_m2", 79),
        ("Areal", "79,9", "size_m2", 79),
        ("Rum", "3,0", "rooms", 3),
        ("Ledig fra", "1-5-2026", "available_from", date(2026, 5, 1)),
        ("Niveaufri adgang", "Nej", "step_free", False),
        ("Niveaufri adgang", "JA", "step_free", True),
        ("Udlejning", "ordinær", "letting", "ordinary"),
        ("Udlejning", "Anvisning", "letting", "municipal_assignment"),
        ("Område", "", "area", None),
        ("Afdeling", '"Åen; nord"', "department", "Åen; nord"),
        ("Ledig fra", "1/5/2026", "available_from", date(2026, 5, 1)),
        ("Ledig fra", "01.05.2026", "available_from", date(2026, 5, 1)),
        ("Ledig fra", "2026-05-01", "available_from", date(2026, 5, 1)),
        ("Husleje", "7250.50", "rent_monthly_ore", 725_050),
        ("Afdeling", 'Åen "nord"', "department", 'Åen "nord"'),
    ],
)
async def test_a_cell_is_read_by_its_column(column: str, cell: str, field: str, value: object) -> None:
    (row,) = await all_rows(export(f"{HEADER}\n{with_cell(column, cell)}\n"))
    assert validated(row.values).get(field) == value


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Lejemålsnr", ""),
        ("Kommunekode", "751"),
        ("Rum", "2½"),
        ("Rum", "2,5"),
        ("Areal", "ca. 80"),
        ("Husleje", ""),
        ("Husleje", "7250.505"),
        ("Husleje", "7.25,00"),
        ("Husleje", "60000,005"),
        ("Husleje", "60 000"),
        ("Ledig fra", "31-02-2026"),
        ("Ledig fra", "snarest"),
        ("Ledig fra", "46143"),
        ("Niveaufri adgang", "måske"),
        ("Udlejning", "efter aftale"),
    ],
)
async def test_a_cell_that_cannot_be_read_makes_the_contract_reject_that_row_only(column: str, cell: str) -> None:
    bad, good = await all_rows(export(f"{HEADER}\n{with_cell(column, cell)}\n{ROW}\n"))
    assert faults(bad) == [COLUMNS[column][0]]
    assert faults(good) == []


@pytest.mark.parametrize(
    ("ragged", "fault"),
    [
        (ROW + ";mere", "row"),
        (";".join(CELLS[:-1]), "letting"),
        ("12-1-3", "row"),
        (ROW.replace("Åkanden", "Å;kanden"), "row"),
    ],
)
async def test_a_ragged_row_is_rejected_and_the_rest_goes_on(ragged: str, fault: str) -> None:
    bad, good = await all_rows(export(f"{HEADER}\n{ragged}\n{ROW}\n"))
    assert faults(bad) == [fault]
    assert bad.values["external_id"] == "12-1-3"
    assert (bad.line, bad.source) == (2, ragged)
    assert (good.line, faults(good)) == (3, [])


async def test_a_line_without_end_is_no_feed_at_all() -> None:
    with pytest.raises(PartnerUnavailable, match="a line without end"):
        await all_rows(export(f"{HEADER}\n{ROW}{'x' * 200_000}\n"))


@pytest.mark.parametrize(
    "spoilt",
    [
        ROW.replace("Åkanden", '"Åkanden'),
        ROW.replace("Engen", 'Engen"'),
        ROW.replace("Åkanden", '"Åen" nord'),
    ],
)
async def test_a_quotation_mark_that_nobody_closed_spoils_its_own_lines_and_no_other(spoilt: str) -> None:
    bad, good = await all_rows(export(f"{HEADER}\n{spoilt}\n{ROW}\n"))
    assert faults(bad) == ["row"] or (spoilt.endswith("fleksibel") and 'Engen"' in spoilt)
    assert faults(good) == []
    assert good.source == ROW

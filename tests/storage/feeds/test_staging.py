"""Rows stand in staging as they satisfied the contract, whatever they name and in whatever order."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.feeds.contract import FIELDS, MANDATORY
from domain.feeds.row_judge import ID, Told, judged
from storage.database import Database
from storage.dialect import told_plainly
from storage.feeds.staging import CARRIED, ROWS_AT_ONCE, STAGED, as_staged, stage

WHOLE = {
    "external_id": "h-1",
    "lbf_number": "123",
    "department_number": "4",
    "unit_number": "5",
    "dar_address_id": "00000000-0000-4000-8000-000000000001",
    "department": "Åkanden",
    "municipality": "0461",
    "area": "Vollsmose",
    "rooms": 3,
    "size_m2": 80,
    "rent_monthly_ore": 640_000,
    "deposit_ore": 1_500_000,
    "available_from": "2026-04-01",
    "floor": 2,
    "lift": True,
    "step_free": False,
    "pets": False,
    "persons_min": 1,
    "persons_max": 4,
    "letting": "ordinary",
    "status": "let",
}


def told(values: dict[str, object]) -> Told:
    row, faults = judged(values, municipalities={"0461"})
    assert row is not None, faults
    return row


AS_IT_STANDS = WHOLE | {"available_from": date(2026, 4, 1), "area_name": "vollsmose"}
orders = st.permutations(FIELDS).map(lambda names: {name: WHOLE[name] for name in names})
absent = st.sets(st.sampled_from([name for name in FIELDS if name not in MANDATORY]))


def standing(database: Database, load: int) -> list[dict[str, object]]:
    with database.reading() as session:
        rows = session.connection().execute(select(STAGED).where(STAGED.c.load_id == load)).mappings()
        return [dict(row) for row in rows]


@given(orders, absent)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_every_field_stands_in_its_own_column(database: Database, whole: dict[str, object], absent: set[str]):
    row = told({name: value for name, value in whole.items() if name not in absent})

    with database.writing() as session:
        stage(session, 1, [as_staged(row, plainly=told_plainly(session))])
        (stands,) = session.connection().execute(select(STAGED)).mappings()
        session.rollback()

    expected = AS_IT_STANDS | dict.fromkeys(absent)
    if "area" in absent:
        expected["area_name"] = None
    if "status" in absent:
        expected["status"] = "vacant"
    assert {name: stands[name] for name in (*CARRIED, "external_id", "status")} == {
        name: expected[name] for name in (*CARRIED, "external_id", "status")
    }


def test_rows_that_fill_different_columns_are_written_together(database: Database):
    bare = {name: WHOLE[name] for name in MANDATORY}
    rows = [
        told((WHOLE if number % 7 == 0 else bare) | {"external_id": f"h-{number}"})
        for number in range(2 * ROWS_AT_ONCE + 3)
    ]

    with database.writing() as session:
        stage(session, 2, [as_staged(row, plainly=told_plainly(session)) for row in rows])
        stage(session, 3, [])

    stand = {str(row["external_id"]): row["unit_number"] for row in standing(database, 2)}
    assert stand == {row[ID]: row[FIELDS.index("unit_number")] for row in rows}
    assert standing(database, 3) == []

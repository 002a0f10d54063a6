"""The limit: a night that only fetches, parses and writes the rows, and judges nothing."""

from typing import Any, cast

import orjson
from sqlalchemy import text

from storage.database import Database

COLUMNS = (
    "association",
    "external_id",
    "lbf_number",
    "department_number",
    "unit_number",
    "dar_address_id",
    "department",
    "municipality",
    "area",
    "rooms",
    "size_m2",
    "rent_monthly_ore",
    "deposit_ore",
    "available_from",
    "floor",
    "lift",
    "step_free",
    "pets",
    "persons_min",
    "persons_max",
    "letting",
    "status",
)
TYPES = {
    **dict.fromkeys(
        ("rooms", "size_m2", "rent_monthly_ore", "deposit_ore", "floor", "persons_min", "persons_max"), "INTEGER"
    ),
    **dict.fromkeys(("lift", "step_free", "pets"), "BOOLEAN"),
    "available_from": "DATE",
}
NAMES = ", ".join(COLUMNS)
TABLE = (
    "CREATE TABLE IF NOT EXISTS bare_vacancy ("
    + ", ".join(f"{name} {TYPES.get(name, 'VARCHAR')}" for name in COLUMNS)
    + ", PRIMARY KEY (association, external_id))"
)
TAKE_OVER = "ON CONFLICT (association, external_id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in COLUMNS[2:]
)

# Only names of columns are put into the text, and nothing that was sent.
UPSERT = f"INSERT INTO bare_vacancy ({NAMES}) VALUES ({', '.join('?' * len(COLUMNS))}) {TAKE_OVER}"  # noqa: S608
TAKE_OVER_ARRIVED = f"INSERT INTO bare_vacancy SELECT * FROM arriving {TAKE_OVER}"  # noqa: S608


class BareUpsert:
    """One bulk upsert for each feed, the fastest way of each driver: many bound rows, or COPY and one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_sqlite = database.is_sqlite
        with database.writing() as session:
            session.connection().execute(text(TABLE))

    def load(self, association: str, body: bytes) -> int:
        """Write a feed's rows; returns how many."""
        rows = [(association, *(row[name] for name in COLUMNS[1:])) for row in orjson.loads(body)["vacancies"]]
        with self._database.writing() as session:
            connection = session.connection()
            if self.on_sqlite:
                connection.exec_driver_sql(UPSERT, rows)
                return len(rows)
            driver = cast("Any", connection.connection.driver_connection)
            with driver.cursor() as cursor:
                cursor.execute("CREATE TEMP TABLE arriving (LIKE bare_vacancy) ON COMMIT DROP")
                with cursor.copy(f"COPY arriving ({NAMES}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                cursor.execute(TAKE_OVER_ARRIVED)
        return len(rows)

"""Databases of an earlier schema, with rows."""

import base64
from pathlib import Path

from sqlalchemy import MetaData, text

from storage.database import Database

# The rows of each released version: a file for each migration that was released.
RELEASED = sorted((Path(__file__).parent / "released").glob("*.json"))


def fill(database: Database, rows: dict[str, list[dict[str, object]]]) -> None:
    """Insert the rows of a released version, unchanged."""
    tables = MetaData()
    with database.engine.execution_options(writing=True).begin() as connection:
        tables.reflect(connection)
        for name, kept in rows.items():
            table = tables.tables[name]
            connection.execute(text(insert(name, kept[0])), [values(table, row) for row in kept])
            if connection.dialect.name == "postgresql" and "id" in kept[0]:
                connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT MAX(id) FROM {name}))"))  # noqa: S608  # names of tables


def insert(table: str, row: dict[str, object]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608  # names of tables and columns


def values(table, row: dict[str, object]) -> dict[str, object]:
    values = dict(row)
    for name, value in row.items():
        if isinstance(value, dict):
            values[name] = base64.b64decode(value["base64"])
        elif value is not None and table.c[name].type.python_type is bool:
            values[name] = bool(value)
    return values


def written_again(rows: dict[str, list[dict[str, object]]]) -> set[object]:
    """The open questions whose letters were sent before letters had digits; none in a version that had them."""
    if "wrong_digits" in rows["question"][0]:
        return set()
    waits = {question["id"] for question in rows["question"] if question["standing"] == "open"}
    told = [row for row in rows["outbox"] if row["standing"] == "delivered" and "_requested" in str(row["telling"])]
    return waits & {row["question_id"] for row in told}

"""The record of processing has every column, and the file in docs is the one that the code generates."""

from pathlib import Path

import pytest

from deployments.record_of_processing import TOLD, WHERE, record
from storage.privacy.classification import COLUMNS, MEANS, Holds
from storage.tables import METADATA
from storage.vault.keys_database import KEPT
from tasks.delivery.prepared_calls import SYSTEM_FOR

TABLES = {table.name: table for data in (METADATA, KEPT) for table in data.sorted_tables}


def test_every_table_is_classified_and_none_that_is_gone():
    assert set(COLUMNS) == set(TABLES)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_column_is_classified_once(table: str):
    classified = [column for columns in COLUMNS[table].values() for column in columns.split()]
    assert sorted(classified) == sorted(column.name for column in TABLES[table].columns)


def test_every_system_that_is_told_something_is_in_the_record():
    assert set(TOLD) == set(SYSTEM_FOR)
    assert set(MEANS) == set(Holds)


def test_the_record_that_is_written_down_is_the_one_the_code_writes():
    assert Path(WHERE).read_text(encoding="utf-8") == record()

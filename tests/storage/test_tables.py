"""Every module with a table is imported in `storage/tables.py`."""

from pathlib import Path

from storage import tables

HERE = Path(tables.__file__).parent


def test_every_module_with_a_table_is_among_all_tables():
    with_table = {file for file in HERE.rglob("*.py") if "table=True" in file.read_text(encoding="utf-8")}
    assert len(with_table) > 30
    assert with_table == {Path(room.__file__) for room in tables.ROOMS}

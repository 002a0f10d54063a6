"""Has all databases of one dialect share SQLAlchemy's compiled statements.

Compiling them for each test's own database would take a third of a test's processor time. In production a process has
one database, and nothing is shared.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlmodel
from sqlalchemy import Engine, create_engine

from storage import database

_firsts: dict[str, Engine] = {}


def _like_the_first(url: str, **options: Any) -> Engine:  # SQLAlchemy's own
    """An engine with the dialect and the compiled statements of the first of its kind."""
    engine = create_engine(url, **options)
    name = engine.dialect.name
    if name not in _firsts:
        first = create_engine("sqlite://" if name == "sqlite" else url, **options)
        # A dialect reads its database's properties at its first connection.
        first.connect().close()
        first.dispose()
        _firsts[name] = first
    engine.dialect = _firsts[name].dialect
    engine._compiled_cache = _firsts[name]._compiled_cache  # there is no other way to share it
    return engine


@contextmanager
def databases_share_their_statements() -> Iterator[None]:
    """For a whole test run."""
    assert database.create_engine is sqlmodel.create_engine
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "create_engine", _like_the_first)
        yield

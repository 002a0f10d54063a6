"""Column types that work alike on SQLite and PostgreSQL, and the number of a row that is written."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is a programming error and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the interface
        """To UTC on the way in."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002, ANN401  # the interface
        """Aware on the way out; SQLite keeps no zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def one_of(words: type[StrEnum], name: str) -> Enum:
    """A text column that holds one of the words, checked by the database too."""
    return Enum(
        words,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Numbered(Protocol):
    """A row whose number the database gives it."""

    @property
    def id(self) -> int | None:
        """The number; None until the row is written."""
        ...


def needed(number: int | None) -> int:
    """The number of another row that a row names; naming none is a programming error and is refused."""
    if number is None:
        raise ValueError("a number that must be there is missing")
    return number


def id_of(row: Numbered) -> int:
    """The number of a written row; asking for one that is not written yet is a programming error and is refused."""
    if row.id is None:
        raise ValueError(f"a {type(row).__name__} without a number: it is not written yet")
    return row.id

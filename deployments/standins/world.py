"""The world that the stand-ins start from, as plain data in one JSON file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import TypeAdapter

Sent = dict[str, object]


@dataclass(frozen=True, slots=True)
class StandInAssociation:
    """An association's vacancies, under the contract's field names, and the kind of its feed.

    The values are not checked, so that a world can hold rows that break the contract.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    feed: Literal["json", "csv", "xml"]
    vacancies: list[Sent]


@dataclass(frozen=True, slots=True)
class StandInWorld:
    """Flags by municipality code, associations by id, codes with a finance system or a handover desk, tokens."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    case_systems: dict[str, list[Sent]] = field(default_factory=dict)
    associations: dict[str, StandInAssociation] = field(default_factory=dict)
    finance: list[str] = field(default_factory=list)
    handover: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)


WORLD = TypeAdapter(StandInWorld)


def load(path: Path) -> StandInWorld:
    """The world of a JSON file."""
    return WORLD.validate_json(path.read_bytes())


def save(world: StandInWorld, path: Path) -> None:
    """Write a world for `load` to read."""
    path.write_bytes(WORLD.dump_json(world, indent=2))

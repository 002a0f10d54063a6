"""What families bring under proposed agreements: replayed, and told as a table and as a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from rich.table import Table
from sqlmodel import Session

import storage.tables  # noqa: F401  # a booking names rows of other tables
from deployments.cli.books.settlement import kroner
from deployments.cli.output import table_of
from domain.books.planning.invented import invented_families
from domain.books.planning.replay import Family, Replay, Row, replayed
from domain.parties.agreement import Agreement
from storage.books.simulation import past_families, under_todays_terms


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file with agreements as they are proposed, by their ids."""

    file: Path
    agreements: Mapping[str, Agreement]


@dataclass(frozen=True, slots=True)
class Time:
    """From which day to which families move in; and how many are invented, by which seed, where none is past."""

    first: date
    last: date
    invented: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was replayed for a time, from which families and under which proposals."""

    time: Time
    proposals: Sequence[Proposal]
    families: Sequence[Family]
    replay: Replay

    @property
    def is_invented(self) -> bool:
        """Whether the families never were."""
        return self.time.invented is not None


def replay_under(session: Session, proposals: Sequence[Proposal], time: Time) -> Replayed:
    """What a time's families bring by their own terms and under each proposal."""
    named = {id_: one for proposal in reversed(proposals) for id_, one in proposal.agreements.items()}
    if time.invented is None:
        families = past_families(session, named.keys(), first=time.first, last=time.last)
    else:
        chance = Random(time.seed)  # noqa: S311  # it invents families, and keeps no secret
        drawn = invented_families([*named.values()], time.invented, first=time.first, last=time.last, chance=chance)
        families = under_todays_terms(session, drawn)
    terms = [{id_: one.compensation for id_, one in proposal.agreements.items()} for proposal in proposals]
    return Replayed(time, proposals, families, replayed(families, terms))


def as_document(found: Replayed) -> dict[str, object]:
    """The figures for a program, in whole øre."""
    columns = ("own_ore", "proposed_ore", "other_ore")[: 1 + len(found.proposals)]

    def rows(key: str, of: Sequence[Row]) -> list[dict[str, object]]:
        return [{key: row.name, **dict(zip(columns, row.ores, strict=True))} for row in of]

    return {
        "families": found.replay.families,
        "invented": found.is_invented,
        "parties": rows("party", found.replay.by_party),
        "rules": rows("rule", found.replay.by_rule),
        "months": rows("months_after", found.replay.by_month),
    }


def as_table(found: Replayed) -> Table:
    """What each party receives, for the terminal."""
    names = ["party", "by their own terms"]
    for letter in ("",) if len(found.proposals) == 1 else (" A", " B"):
        names += [f"as proposed{letter}", f"difference{letter}, kr."]
    rows = []
    for row in found.replay.by_party:
        cells = [row.name, kroner(row.ores[0])]
        for ore, difference in zip(row.ores[1:], row.differences, strict=True):
            cells += [kroner(ore), kroner(difference)]
        rows.append(cells)
    ids = ", ".join(sorted({id_ for one in found.proposals for id_ in one.agreements}))
    families = f"{found.replay.families} {'invented ' if found.is_invented else ''}families"
    return table_of(rows, *names, title=f"{families} from {found.time.first} to {found.time.last}, under {ids}")

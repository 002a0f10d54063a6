"""What a file's agreements would change, told by `tilflyt agreement preview`, and in brief with an import."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group

from deployments.cli.books.settlement import kroner
from deployments.cli.output import AsJson, main_settings, plain, table_of, tell

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from storage.books.simulation import Simulated
    from storage.database import Database
    from storage.settings import Settings
    from storage.staff.agreements.preview import Preview

MOST_NAMED = 3


def preview(
    file: Annotated[Path, typer.Argument(help="A TOML file with agreements, as for import.")],
    as_json: AsJson = False,
) -> None:
    """What importing a file's agreements would change: terms, open cases, and who gains and loses. Writes nothing."""
    from storage.installation import opened_database

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        found = previewed(database, file, settings)
    shown = Group(*(part for one in found for part in _parts(one))) if found else "Nothing new."
    tell([asdict(one) for one in found], as_json, shown)


def previewed(database: "Database", file: Path, settings: "Settings") -> "list[Preview]":
    """What importing a file's agreements would change; `WrongFile` when it would be refused."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from deployments.parties.file import read
    from deployments.parties.importing import surroundings
    from domain.parties.file_rules import wrong_with
    from domain.parties.parties_file import Given, WrongFile
    from storage.clock import clock_of
    from storage.staff.agreements.preview import previews
    from storage.staff.parties import known

    here = surroundings(environment=os.environ, demo=settings.world == "demo")
    with database.snapshot() as session:
        read_file = read(file)
        if faults := wrong_with(Given(read_file, known(session), here)):
            raise WrongFile(read_file.name, faults)
        return previews(session, read_file.agreements, now=clock_of(settings).now())


def in_brief(found: "Sequence[Preview]") -> Iterator[str]:
    """A sentence for each agreement: what changes, how many open cases keep theirs, and who gains and who loses."""
    for one in found:
        name = f"agreement {one.agreement} version {one.version}"
        if one.against is None:
            yield f"{name} is new: no case is under it yet"
            continue
        cases, left = sum(each.cases for each in one.standings), sum(len(each.left) for each in one.standings)
        yield (
            f"{name} against version {one.against}: fields that change: {len(one.changes)}; open cases, which keep "
            f"theirs: {cases}, of which `tilflyt agreement migrate` could move: {cases - left}; families housed in the "
            f"last 12 months: {one.housed}, by it in kr.: {_gains(one.housed_ore)}"
        )


def _gains(sums: "Sequence[Simulated]") -> str:
    """`municipality:0430 +1,000.00`: the largest differences."""
    by_size = sorted(sums, key=lambda one: (-abs(one.proposed_ore - one.own_ore), one.party))
    told = [
        f"{one.party} {_signed(one.proposed_ore - one.own_ore)}" for one in by_size if one.proposed_ore != one.own_ore
    ]
    more = len(told) - MOST_NAMED
    return ", ".join(told[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "") or "the same"


def _signed(ore: int) -> str:
    return f"{'+' if ore > 0 else ''}{kroner(ore)}"


def _parts(one: "Preview") -> "Iterator[Table | Text]":
    against = f"against version {one.against}" if one.against else "new"
    yield plain(f"Agreement {one.agreement}, version {one.version}, from {one.valid_from}: {against}")
    yield table_of([(each.field, each.before, each.after) for each in one.changes], "field", "before", "after")
    rows = [
        (each.status, each.version, each.cases, "; ".join(map(str, each.meets)) or "nothing", len(each.left))
        for each in one.standings
    ]
    yield table_of(rows, "status", "version", "open cases", "each would still meet", "cannot move", title="open cases")
    for each in one.standings:
        for reference, reasons in each.left:
            yield plain(f"{reference} cannot move: {'; '.join(reasons)}")
    yield _sums("open cases, as if they moved in now", one.open_cases_ore)
    yield _sums(f"{one.housed} families housed in the last 12 months", one.housed_ore)


def _sums(title: str, sums: "Sequence[Simulated]") -> "Table":
    rows = [
        (one.party, kroner(one.own_ore), kroner(one.proposed_ore), kroner(one.proposed_ore - one.own_ore), _fate(one))
        for one in sums
    ]
    return table_of(rows, "party", "by their own terms", "by the new ones", "difference, kr.", "", title=title)


def _fate(one: "Simulated") -> str:
    difference = one.proposed_ore - one.own_ore
    return "gains" if difference > 0 else "loses" if difference < 0 else ""

"""The command line for a file of agreements and partners before it is imported: `tilflyt check`."""

import os
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.output import AsJson, main_settings, tell


def check(
    parties: Annotated[Path, typer.Argument(help="A TOML file with agreements and partners.")],
    alone: Annotated[
        bool, typer.Option("--alone", help="Judge the file by itself, without our database and the secrets.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say everything that `import` would refuse, warn of or change, and import nothing. Exit 1 on a fault."""
    told = judged_alone(parties) if alone else judged(parties)
    count = len(told["faults"])
    lines = [f"{parties.name}: {'no fault' if not count else 'one fault' if count == 1 else f'{count} faults'}."]
    lines += [f"· {fault}" for fault in told["faults"]]
    lines += [f"Would change: {change}" for change in told["changes"]]
    lines += [f"Beware: {warning}" for warning in told["warnings"]]
    tell(told, as_json, "\n".join(lines))
    if count:
        raise typer.Exit(1)


def judged(path: Path) -> dict[str, Any]:
    """A file checked against what is in force here."""
    from deployments.parties.file import read
    from deployments.parties.importing import surroundings
    from domain.parties.file_rules import wrong_with
    from domain.parties.lacks import lacking
    from domain.parties.parties_file import Given
    from domain.working_days import day_of
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.parties import areas_in_doubt, ceilings_below_used, changes, known

    settings = main_settings()
    with closing(opened_database(settings)) as database, database.reading() as session:
        file, in_force = read(path), known(session)
        here = surroundings(environment=os.environ, demo=settings.world == "demo")
        faults = wrong_with(Given(file, in_force, here))
        changed = changes(session, file.agreements, file.partners) if not faults else []
        warned: list[object] = []
        if not faults:
            warned += ceilings_below_used(session, file, today=day_of(clock_of(settings).now()))
            warned += areas_in_doubt(session, file)
            warned += lacking(file, in_force, mailbox=bool(settings.imap_host))
    return _told(faults, changed, warned)


def judged_alone(path: Path) -> dict[str, Any]:
    """A file checked by itself, where there is no installation."""
    from deployments.parties.file import read
    from deployments.parties.importing import surroundings
    from domain.parties.file_rules import wrong_with
    from domain.parties.lacks import lacking
    from domain.parties.parties_file import Given, Known

    file = read(path)
    faults = wrong_with(Given(file, Known(), surroundings(environment=None, demo=False)))
    warned = lacking(file, Known(), mailbox=True) if not faults else []
    return _told(faults, [], warned)


def _told(faults: Iterable[object], changes: Iterable[object], warnings: Iterable[object]) -> dict[str, Any]:
    return {"faults": [*map(str, faults)], "changes": [*map(str, changes)], "warnings": [*map(str, warnings)]}

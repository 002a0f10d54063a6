"""The command line for a file of agreements and partners before it is imported: `tilflyt check`."""

import os
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
    """A file beside what is in force here."""
    from deployments.parties.file import read
    from deployments.parties.importing import in_force, lacking, wrong_with_file
    from storage.installation import opened_database
    from storage.staff.parties import changes

    settings = main_settings()
    with closing(opened_database(settings)) as database, database.reading() as session:
        file, known = read(path), in_force(session)
        faults = wrong_with_file(file, known, environment=os.environ, demo=settings.world == "demo")
        changed = changes(session, file.agreements, file.partners) if not faults else []
        warned = lacking(known, file, mailbox=bool(settings.imap_host)) if not faults else []
    return {"faults": list(map(str, faults)), "changes": list(map(str, changed)), "warnings": warned}


def judged_alone(path: Path) -> dict[str, Any]:
    """A file by itself, for whoever writes one where nothing of ours is installed."""
    from deployments.parties.file import read
    from deployments.parties.importing import Known, lacking, wrong_with_file

    file = read(path)
    faults = wrong_with_file(file, Known(), environment=None, demo=False)
    warned = lacking(Known(), file, mailbox=True) if not faults else []
    return {"faults": list(map(str, faults)), "changes": [], "warnings": warned}

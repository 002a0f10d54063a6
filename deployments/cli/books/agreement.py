"""The command line for agreements: proposed, previewed, and moved to: `tilflyt agreement`."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.books.migrate import migrate
from deployments.cli.books.preview import preview
from deployments.cli.books.settlement import kroner, last_day_of
from deployments.cli.check import check
from deployments.cli.output import AsJson, main_settings, table_of, tell
from domain.errors import Invalid

agreement_app = typer.Typer(
    help="An agreement's next version: what is wrong with it, what it would bring whom, and which cases move to it.",
    no_args_is_help=True,
)
agreement_app.command("check")(check)
agreement_app.command()(preview)
agreement_app.command()(migrate)


@agreement_app.command()
def simulate(
    file: Annotated[Path, typer.Argument(help="A TOML file with the agreements as they are proposed.")],
    from_: Annotated[str, typer.Option("--from", help="The first month, such as 2026-01.")],
    to: Annotated[str, typer.Option(help="The last month, such as 2026-12.")],
    as_json: AsJson = False,
) -> None:
    """Replay the families who moved in in a time under a proposed agreement: who would pay and receive what."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.books.simulation import simulated
    from storage.installation import opened_database

    first, last = last_day_of(from_).replace(day=1), last_day_of(to)
    if last < first:
        raise Invalid("to", f"{to} is before {from_}")
    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        proposed = _proposed(file)
        families, found = simulated(session, proposed, first=first, last=last)
    names = ("party", "by their own terms", "as proposed", "difference, kr.")
    rows = [
        (one.party, kroner(one.own_ore), kroner(one.proposed_ore), kroner(one.proposed_ore - one.own_ore))
        for one in found
    ]
    title = f"{families} families from {first} to {last}, under {', '.join(sorted(proposed))}"
    told = {"families": families, "parties": [asdict(one) for one in found]}
    tell(told, as_json, table_of(rows, *names, title=title))


def _proposed(file: Path) -> dict[str, Any]:
    """The terms by agreement; `WrongFile` when the file cannot be read, or an agreement cannot be kept."""
    from deployments.parties.file import read
    from domain.parties.agreement import faults
    from domain.parties.parties_file import Fault, WrongFile

    found = read(file)
    wrong = (Fault(f"agreement {one.id}", "", why, one.version) for one in found.agreements for why in faults(one))
    if all_wrong := [*found.faults, *map(found.placed, wrong)]:
        raise WrongFile(found.name, all_wrong)
    if not found.agreements:
        raise Invalid("file", f"{found.name} proposes no agreement")
    return {one.id: one.compensation for one in found.agreements}

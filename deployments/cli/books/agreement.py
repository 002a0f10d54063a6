"""The command line for agreements: proposed, previewed, and moved to: `tilflyt agreement`."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.books.ceilings import ceilings
from deployments.cli.books.migrate import migrate
from deployments.cli.books.preview import preview
from deployments.cli.books.settlement import last_day_of
from deployments.cli.check import check
from deployments.cli.output import AsJson, main_settings, tell
from domain.errors import Invalid
from domain.referrals.household import Language

agreement_app = typer.Typer(
    help="An agreement's next version: what is wrong with it, what it would bring whom, and which cases move to it.",
    no_args_is_help=True,
)
agreement_app.command("check")(check)
agreement_app.command("ceilings")(ceilings)
agreement_app.command()(preview)
agreement_app.command()(migrate)


@agreement_app.command()
def simulate(
    file: Annotated[Path, typer.Argument(help="A TOML file with the agreements as they are proposed.")],
    other: Annotated[Path | None, typer.Argument(help="Another proposal, to stand beside it.")] = None,
    *,
    from_: Annotated[str, typer.Option("--from", help="The first month, such as 2026-01.")],
    to: Annotated[str, typer.Option(help="The last month, such as 2026-12.")],
    families: Annotated[
        int | None, typer.Option(help="Invent so many families instead of those who moved in.", min=1, max=100_000)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed invents the same families.")] = 1,
    page: Annotated[
        Path | None, typer.Option(help="Write a page with charts to a file that is not there yet; send it to all.")
    ] = None,
    language: Annotated[Language, typer.Option(help="The language of the page.")] = Language.DANISH,
    as_json: AsJson = False,
) -> None:
    """Replay the families of a time under proposed agreements: who would pay and receive what."""
    from deployments.cli.books.proposal_page import names_of, write_page
    from deployments.cli.books.proposal_replay import Proposal, Time, as_document, as_table, replay_under
    from storage.installation import opened_database

    time = Time(last_day_of(from_).replace(day=1), last_day_of(to), families, seed)
    if time.last < time.first:
        raise Invalid("to", f"{to} is before {from_}")
    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        proposals = [Proposal(one, _proposed(one)) for one in (file, other) if one is not None]
        found, names = replay_under(session, proposals, time), names_of(session)
    if page is not None:
        write_page(page, found, names, language)
    tell(as_document(found), as_json, as_table(found))


def _proposed(file: Path) -> dict[str, Any]:
    """The agreements by their ids; `WrongFile` when the file cannot be read, or an agreement cannot be kept."""
    from deployments.parties.file import read
    from domain.parties.agreement import faults
    from domain.parties.parties_file import Fault, WrongFile

    found = read(file)
    wrong = (Fault(f"agreement {one.id}", "", why, one.version) for one in found.agreements for why in faults(one))
    if all_wrong := [*found.faults, *map(found.placed, wrong)]:
        raise WrongFile(found.name, all_wrong)
    if not found.agreements:
        raise Invalid("file", f"{found.name} proposes no agreement")
    return {one.id: one for one in found.agreements}

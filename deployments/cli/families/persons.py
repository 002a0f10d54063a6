"""The command line for people with more than one open case: `tilflyt person`."""

from typing import Annotated

import typer

from deployments.cli.actor import carry_out
from deployments.cli.output import AsJson, By, main_settings, out, table_of, tell

person_app = typer.Typer(
    help="People whom two municipalities have flagged: which cases wait, and whether one may go on.",
    no_args_is_help=True,
)
Reference = Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")]


@person_app.command()
def waiting(as_json: AsJson = False) -> None:
    """The cases that wait, each with the person's other open cases. Tell neither municipality of the other."""
    from storage.installation import opened_database
    from storage.vault.person_digests import waiting_for_person

    with opened_database(main_settings()).reading() as session:
        found = [
            {"case": of.reference, "status": of.status, "others": [f"{one.reference} {one.status}" for one in others]}
            for of, others in waiting_for_person(session)
        ]
    rows = [(one["case"], one["status"], ", ".join(one["others"])) for one in found]
    tell(found, as_json, table_of(rows, "case", "status", "the person's other open cases"))


@person_app.command("goes-on")
def goes_on(reference: Reference, by: By) -> None:
    """Let a case go on although its person has another open case."""
    _settle(reference, goes_on=True, by=by)
    out.print(f"{reference} goes on.")


@person_app.command()
def stops(reference: Reference, by: By) -> None:
    """Have a case stopped because its person has another open case; its caseworker is told that it has stopped."""
    _settle(reference, goes_on=False, by=by)
    out.print(f"{reference} is stopped.")


def _settle(reference: str, *, goes_on: bool, by: str) -> None:
    from deployments.cli.families.looking import case_of
    from storage.columns import id_of
    from storage.staff.families.same_persons import settle_same_person
    from tasks.platform import current

    main_settings()
    platform = current()
    of = case_of(platform.database, reference)
    carry_out(platform.database, settle_same_person, id_of(of), goes_on=goes_on, by=by, now=platform.now())

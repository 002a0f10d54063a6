"""The command line for who is in force: `tilflyt parties`."""

from typing import Annotated

import typer
from rich.console import Group

from deployments.cli.output import AsJson, main_settings, out, plain, table_of
from domain.errors import Invalid


def parties(
    party: Annotated[str | None, typer.Argument(help="One party alone, such as municipality:0461.")] = None,
    as_json: AsJson = False,
) -> None:
    """Who is in force: the parties with their people, deputies and systems, and the agreements by version."""
    import json

    from domain.working_days import day_of
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.in_force import agreements_in_force, parties_in_force

    settings = main_settings()
    today = day_of(clock_of(settings).now())
    with opened_database(settings).reading() as session:
        found = parties_in_force(session, on=today, party=party)
        agreements = [] if party else agreements_in_force(session, on=today)
    if party is not None and not found:
        raise Invalid("party", f"{party} is not known")
    if as_json:
        typer.echo(json.dumps({"parties": found, "agreements": agreements}, ensure_ascii=False, indent=1))
        return
    for one in found:
        title = f"{one['party']} · {one['name']} · {one['phone']} · version {one['versions']}, {one['since']}"
        names = ("contact", "role", "name", "e-mail", "away until", "deputy")
        rows = [list(contact.values()) for contact in one["contacts"]]
        systems = [f"{name}: {connection}" for name, connection in one["systems"].items()]
        systems += [f"login: {one['login']}"] if one["login"] else []
        out.print(Group(plain(title), table_of(rows, *names), plain("\n".join([*systems, ""]))), soft_wrap=True)
    if agreements:
        rows = [list(line.values()) for line in agreements]
        out.print(table_of(rows, *agreements[0], title="agreements"))

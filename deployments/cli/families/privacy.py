"""The command line for the protection of the families: `tilflyt privacy`."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer

from deployments.cli.actor import carry_out
from deployments.cli.output import AsJson, By, main_settings, out, table_of, tell

privacy_app = typer.Typer(help="Show how the families are protected.", no_args_is_help=True)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, such as 2026-11-01.")]


@privacy_app.callback()
def start() -> None:
    """Show how the families are protected."""


@privacy_app.command()
def report(since: Day = None, until: Day = None, as_json: AsJson = False) -> None:
    """Count what was sent, disclosed, recalled, opened and shredded; over the last 90 days unless told."""
    import storage.tables  # noqa: F401  # what is chained is read from all tables
    from domain.parties.party import Role
    from domain.working_days import COPENHAGEN
    from storage.audit.verdict import verified
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.operations.scopes import Viewer
    from storage.privacy.report import privacy_report

    settings = main_settings()
    end = until.replace(tzinfo=COPENHAGEN) if until else clock_of(settings).now()
    begin = since.replace(tzinfo=COPENHAGEN) if since else end - timedelta(days=90)
    with opened_database(settings).reading() as session:
        whole = Viewer("operator:", Role.DATA_PROTECTION_OFFICER)
        found = asdict(privacy_report(session, whole, since=begin, until=end))
        chain = verified(session)
    told = {"since": begin.isoformat(), "until": end.isoformat(), **found, "chain_verified_to_entry": chain.reached}
    rows = [(name.replace("_", " "), in_words(value)) for name, value in told.items()]
    tell(told, as_json, table_of(rows, "", ""))


def in_words(value: object) -> object:
    """A count as it is, or a dict of counts as one text."""
    if isinstance(value, dict):
        return ", ".join(f"{count} × {name}" for name, count in sorted(value.items())) or "–"
    return "–" if value is None else value


@privacy_app.command("send-with-fewer")
def send_with_fewer(
    reference: Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")],
    least: Annotated[int, typer.Option(help="How many families must be like this one all the same, at least 1.")],
    by: By,
) -> None:
    """Have a request that waits for others like it sent with fewer of them, once the caseworker has decided so."""
    from storage.staff.families.requests import send_with_fewer as send
    from tasks.platform import current

    main_settings()
    platform = current()
    terms, now = platform.anonymity, platform.now()
    carry_out(platform.database, send, reference, least=least, terms=terms, by=by, now=now)
    out.print(f"{reference} is sent when {least} are alike.")


@privacy_app.command()
def record() -> None:
    """The record of processing activities (GDPR art. 30), as Markdown."""
    from deployments.record_of_processing import record as written

    typer.echo(written(), nl=False)

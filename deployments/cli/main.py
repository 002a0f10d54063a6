"""The command line, `tilflyt`."""

import json
import os
from contextlib import closing
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from typer.main import get_command

from deployments.cli import backup as cli_backup
from deployments.cli.actor import COMMAND_LINE
from deployments.cli.areas import areas_app
from deployments.cli.attention import attention
from deployments.cli.audit import audit_app
from deployments.cli.books.agreement import agreement_app
from deployments.cli.books.claim import claim_app
from deployments.cli.books.invoice import invoice_app
from deployments.cli.books.ledger import ledger_app
from deployments.cli.books.posting import posting_app
from deployments.cli.books.preview import in_brief, previewed
from deployments.cli.books.settlement import settlement_app
from deployments.cli.check import check
from deployments.cli.families.consent import consent_app
from deployments.cli.families.letters import answer, letter_app
from deployments.cli.families.persons import person_app
from deployments.cli.families.privacy import privacy_app
from deployments.cli.families.referral import referral_app
from deployments.cli.families.rights import rights_app
from deployments.cli.feeds import feed_app, quarantine_app, sync_app
from deployments.cli.keys import keys_app
from deployments.cli.now import deadlines_app, housekeeping_app, intake_app, mail_app
from deployments.cli.output import AsJson, By, main_settings, out, plain, problems, table_of, tell
from deployments.cli.parties import parties
from deployments.cli.vault import vault_app
from deployments.demo.apart import COMMANDS, stand_apart
from deployments.demo_tools import demo_tools_are_here
from deployments.files import env_into_the_environment
from deployments.one_sentence import in_one_sentence
from deployments.worker.prefect_settings import tune_prefect

app = typer.Typer(
    help="Municipalities and housing associations steer together who moves where.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(referral_app, name="referral")
app.add_typer(sync_app, name="sync")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(feed_app, name="feed")
app.add_typer(areas_app, name="areas")
app.add_typer(privacy_app, name="privacy")
app.add_typer(audit_app, name="audit")
app.add_typer(agreement_app, name="agreement")
app.add_typer(ledger_app, name="ledger")
app.add_typer(invoice_app, name="invoice")
app.add_typer(posting_app, name="posting")
app.add_typer(settlement_app, name="settlement")
app.add_typer(claim_app, name="claim")
app.add_typer(vault_app, name="vault")
app.add_typer(keys_app, name="keys")
app.add_typer(rights_app, name="rights")
app.add_typer(person_app, name="person")
app.add_typer(consent_app, name="consent")
app.command()(check)
cli_backup.add_to(app)
app.add_typer(letter_app, name="letter")
app.command()(answer)
app.command()(parties)
app.command()(attention)
app.add_typer(intake_app, name="intake")
app.add_typer(deadlines_app, name="deadlines")
app.add_typer(mail_app, name="returned-mail")
app.add_typer(housekeeping_app, name="housekeeping")


@app.callback()
def start(context: typer.Context) -> None:
    """Read `.env` into the environment, in which the partners' secrets are looked up too."""
    if context.invoked_subcommand in COMMANDS:
        demo_tools_are_here()
        stand_apart()
    else:
        env_into_the_environment()
    # Before Prefect is imported, because it reads its settings then; it may refuse them.
    tune_prefect()


@app.command()
def migrate() -> None:
    """Bring both databases to the newest schema, create those that do not exist, and move keys into their own."""
    from deployments.schema import brought_forward

    told = brought_forward(main_settings())
    out.print(plain(told), soft_wrap=True)


@app.command(name="import")
def import_(
    parties: Annotated[Path | None, typer.Argument(help="A TOML file with agreements and partners.")] = None,
    by: By = COMMAND_LINE,
    accept_below_used: Annotated[
        bool, typer.Option("--accept-below-used", help="The parties agree on a ceiling below what is used this year.")
    ] = False,
) -> None:
    """Load the reference facts, and the agreements and partners of a file."""
    from deployments.parties.importing import (
        advice_on_logins,
        import_file,
        import_reference,
        logins_to_register,
        warnings_in_force,
    )
    from storage.clock import clock_of
    from storage.installation import opened_database

    settings = main_settings()
    database = opened_database(settings)
    facts = import_reference(database)
    out.print(f"{facts.municipalities} municipalities and {facts.areas} areas were new.")
    if parties is not None:
        now = clock_of(settings).now()
        foreseen = [*in_brief(previewed(database, parties, settings))]
        new = import_file(
            database,
            parties,
            by=by,
            now=now,
            demo=settings.world == "demo",
            environment=os.environ,
            accept_below_used=accept_below_used,
        )
        out.print(f"{new.agreements} agreement versions and {new.partners} partners were new or changed.")
        for change in new.changes:
            out.print(plain(f"Changed: {change}"), soft_wrap=True)
        for line in foreseen:
            out.print(plain(f"Terms: {line}."), soft_wrap=True)
        for line in warnings_in_force(database, mailbox=bool(settings.imap_host)):
            problems.print(plain(f"Beware: {line}"), soft_wrap=True)
        for line in logins_to_register(database, settings.origin):
            out.print("Must be registered at the login provider of", plain(line), soft_wrap=True)
        for line in advice_on_logins(database):
            out.print("Recommended:", plain(line), soft_wrap=True)


@app.command()
def worker() -> None:
    """Carry referrals forward and deliver letters, until SIGTERM."""
    from deployments.worker.prefect_login import prefect_address
    from deployments.worker.worker import Worker
    from tasks.platform import current

    settings = main_settings()
    prefect_address()
    Worker(current(), settings).run()


@app.command()
def serve() -> None:
    """Serve the approval endpoint."""
    import uvicorn

    from approval_api.app import approval_app
    from approval_api.connections import as_served
    from deployments.doctor.backup import refuse_to_serve_what_went_back
    from storage.installation import opened_database
    from storage.vault.key_checks import same_keys_without_the_vault

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        same_keys_without_the_vault(database, settings)
    refuse_to_serve_what_went_back(settings)
    uvicorn.run(approval_app(settings), host=settings.serve_host, port=settings.serve_port, **as_served(settings))


@app.command("prefect-server")
def prefect_server() -> None:
    """Run a Prefect server as `prefect server start` does, with our settings; it tries again when SQLite is busy."""
    from deployments.worker.prefect_server import serve as serve_prefect

    serve_prefect()


@app.command()
def effects(as_json: AsJson = False) -> None:
    """Show what the moves so far did to the areas that families left."""
    from storage.effect.effects import effects as effects_of
    from storage.installation import opened_database

    with opened_database(main_settings()).reading() as session:
        found = [asdict(effect) for effect in effects_of(session)]
    names = ("area", "municipality", "households moved", "outside labour market, published", "after")
    rows = [["unknown" if value is None else value for value in effect.values()] for effect in found]
    tell(found, as_json, table_of(rows, *names))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check what this installation needs; exit 1 when something is wrong."""
    from deployments.doctor.doctor import findings

    found = findings(main_settings())
    table = Table("", "check", "seen", title="tilflyt doctor")
    for finding in found:
        table.add_row("[green]✓[/]" if finding.well else "[red]✗[/]", finding.check, finding.seen)
    tell([asdict(finding) for finding in found], as_json, table)
    if not all(finding.well for finding in found):
        raise typer.Exit(1)


@app.command()
def demo(as_json: AsJson = False) -> None:
    """Play the whole path with invented families on real interfaces; exit 0 only if every invariant held."""
    from deployments.demo.play import play

    summary = play(quiet=as_json)
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    if not summary["invariants_held"]:
        raise typer.Exit(1)


@app.command()
def up() -> None:
    """Leave the demo world running for a person, until Ctrl-C."""
    from deployments.demo.stay import stay

    stay()


def main() -> None:
    """Run the command line; print an error as one sentence."""
    with in_one_sentence():
        _command()()


@cache
def _command() -> Any:  # noqa: ANN401  # click's own, as Typer brings it along
    """All commands, put together once a process."""
    return get_command(app)


if __name__ == "__main__":
    main()

"""The command line for one case: `tilflyt referral`."""

from datetime import datetime
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, Purpose, main_settings, out, table_of, tell

referral_app = typer.Typer(help="Look at one case, or act on it.", no_args_is_help=True)
Reference = Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")]


@referral_app.command("show")
def referral_show(reference: Reference, as_json: AsJson = False) -> None:
    """The timeline of one case, with the Prefect runs that moved it."""
    from deployments.cli.families.looking import timeline
    from storage.installation import opened_database

    seen = timeline(opened_database(main_settings()), reference)
    rows = [
        (
            line["at"],
            line["who"],
            line["what"],
            f"{line['from']} → {line['to']}" if line["to"] else "",
            line["why"],
            line["run"],
        )
        for line in seen["history"]
    ]
    names = ("when", "who", "what", "from → to", "why", "Prefect run")
    asked = f" · the family is asked: {seen['family_asked']}" if seen["family_asked"] else ""
    tell(seen, as_json, table_of(rows, *names, title=f"{reference} · {seen['status']}{asked}"))


@referral_app.command("comments")
def referral_comments(
    reference: Reference,
    purpose: Purpose,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """What people wrote beside their answers, for the municipality that sent the case. Each reading is recorded."""
    from storage.staff.families.cases import read_comments
    from tasks.platform import current

    main_settings()
    platform = current()
    said = carry_out(
        platform.database, read_comments, platform.vault, reference, purpose=purpose, by=by, now=platform.now()
    )
    found = [{"kind": question.kind, "who": str(question.addressee), "comment": written} for question, written in said]
    rows = [(one["kind"], one["who"], one["comment"]) for one in found]
    title = f"{reference} · {len(found)} comments"
    tell(found, as_json, table_of(rows, "question", "who", "comment", title=title))


@referral_app.command("withdraw")
def referral_withdraw(reference: Reference, by: By = COMMAND_LINE) -> None:
    """Withdraw a case; the path stops it within one run."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.families.cases import withdraw

    settings = main_settings()
    carry_out(opened_database(settings), withdraw, reference, by=by, now=clock_of(settings).now())
    out.print(f"{reference} will be withdrawn.")


@referral_app.command("reassign")
def referral_reassign(
    reference: Reference,
    to: Annotated[str, typer.Option(help="The colleague's id in the party's file, such as anvisning-2.")],
    by: By = COMMAND_LINE,
) -> None:
    """Have a colleague answer a case's open question; the old link dies."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.families.reassignment import reassign

    settings = main_settings()
    database, now = opened_database(settings), clock_of(settings).now()
    before = carry_out(database, reassign, reference, to=to, by=by, now=now)
    out.print(f"{to} will be asked instead of {before}.")


@referral_app.command("moved-out")
def referral_moved_out(
    reference: Reference,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which the family moved out.")],
    by: By = COMMAND_LINE,
) -> None:
    """Record that a family moved out within the guarantee, even if we hear of it later: its booking is reversed."""
    from storage.staff.families.cases import moved_out
    from tasks.platform import current

    main_settings()
    platform, now = current(), current().now()
    told_key = platform.vault.told_key(now=now)
    new = carry_out(platform.database, moved_out, reference, on=on.date(), told_key=told_key, by=by, now=now)
    out.print(f"The booking of {reference} is reversed." if new else f"That {reference} moved out was recorded before.")

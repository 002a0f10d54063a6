"""The command line for what a family may ask of us, and for the archive: `tilflyt rights`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.acting import COMMAND_LINE
from deployments.files import new_folder
from deployments.looking import opened_by
from deployments.telling import AsJson, By, Purpose, main_settings, out, tell
from domain.errors import Invalid

rights_app = typer.Typer(
    help="A family's rights: see what is held, have it put right, be erased.", no_args_is_help=True
)
Reference = Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")]
DAYS_A_YEAR = 365


@rights_app.command()
def access(
    reference: Reference,
    to: Annotated[Path, typer.Option(help="A folder that is not there yet; only you may read it.")],
    purpose: Purpose,
    by: By = COMMAND_LINE,
) -> None:
    """Write down everything that is held about a family: a page to read and print, and JSON."""
    from deployments.looking import case_of
    from domain import party
    from storage.audit.events import write_event
    from storage.parties import partner
    from storage.rights import held_about
    from tasks.platform import current
    from templates import document

    settings = main_settings()
    platform = current()
    referral = case_of(platform.database, reference)
    opened_for = opened_by(by, purpose)
    # Before the vault is opened: what nobody can read afterwards is no access.
    with new_folder(to) as folder:
        with platform.database.writing() as session:
            now = platform.now()
            # Whatever fails from here on, that the vault was opened stands.
            held = held_about(session, platform.vault, referral, opened_for=opened_for, now=now)
            sender = partner(session, party.municipality(referral.sending_municipality))
        years = settings.retention_closed_days // DAYS_A_YEAR
        facts = {"held": held, "years": years, "municipality": sender.name, "phone": sender.phone}
        folder.write("access.html", document("access", referral.language, **facts).encode())
        folder.write("access.json", json.dumps(held, ensure_ascii=False, indent=1, default=str).encode())
        # Only what was written was given.
        with platform.database.writing() as session:
            write_event(session, "access_given", actor=by, about=f"referral:{referral.id}", at=platform.now())
    out.print(f"What is held about {reference} stands in {to}, as access.html and access.json.")


@rights_app.command()
def correct(
    reference: Reference,
    field: Annotated[str, typer.Option(help="What is wrong, such as phone.")],
    purpose: Purpose,
    by: By = COMMAND_LINE,
) -> None:
    """Put something about who a family is right. You are asked for it, so that it stands in no history of commands."""
    from connectors.flag_contract import as_contracted
    from deployments.looking import case_of
    from storage.audit.events import write_event
    from storage.rights import CORRECTABLE, corrected
    from tasks.platform import current

    main_settings()
    if field not in CORRECTABLE:
        raise Invalid("field", f"one of {', '.join(CORRECTABLE)}")
    platform = current()
    referral = case_of(platform.database, reference)
    written = typer.prompt("What it should be", hide_input=True, confirmation_prompt=True)
    value = as_contracted(field, written)
    with platform.database.writing() as session:
        now = platform.now()
        opened_for = opened_by(by, purpose)
        again = corrected(session, platform.vault, referral, field, value, opened_for=opened_for, now=now)
        write_event(session, "corrected", actor=by, about=f"referral:{referral.id}", at=now, field=field)
    out.print(f"{field} of {reference} was put right{', and is told again to ' + ', '.join(again) if again else ''}.")


@rights_app.command()
def erase(reference: Reference, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Erase a family where the law lets us; else exit 1 with every reason why not."""
    from deployments.looking import case_of
    from domain.working_days import COPENHAGEN
    from storage.audit.events import write_event
    from storage.rights import why_not_erased
    from storage.shredding import shred
    from tasks.platform import current

    main_settings()
    platform = current()
    referral, now = case_of(platform.database, reference), platform.now()
    today = now.astimezone(COPENHAGEN).date()
    with platform.database.reading() as session:
        reasons = why_not_erased(session, referral, platform.retention, today=today)
    told: dict[str, Any] = {"reference": reference, "erased": not reasons, "reasons": reasons}
    if reasons:
        with platform.database.writing() as session:
            write_event(session, "erasure_refused", actor=by, about=f"referral:{referral.id}", at=now)
        lines = "".join(f"\n· {reason}" for reason in reasons)
        tell(told, as_json, f"{reference} cannot be erased:{lines}")
        raise typer.Exit(1)
    shred(platform.database, platform.vault, referral, by=by, why="right_of_erasure", now=now)
    tell(told, as_json, f"{reference} was erased.")


@rights_app.command()
def archived(
    reference: Reference,
    receipt: Annotated[str, typer.Option(help="The number of the archive's receipt.")],
    by: By = COMMAND_LINE,
) -> None:
    """Record that the archive has taken a case over; without it nobody is shredded."""
    from deployments.looking import case_of
    from storage.attention import close_subject
    from storage.retention import record_receipt
    from tasks.platform import current

    main_settings()
    platform = current()
    referral = case_of(platform.database, reference)
    with platform.database.writing() as session:
        now = platform.now()
        record_receipt(session, referral, receipt, by=by, now=now)
        close_subject(session, f"retention:{reference}", now=now, by=by)
    out.print(f"The archive has {reference}.")

"""The command line for what a family may ask of us, and for the archive: `tilflyt rights`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, Purpose, main_settings, out, tell
from deployments.files import new_folder
from domain.errors import Invalid

rights_app = typer.Typer(
    help="A family's rights: see the data held, have them corrected, have them erased.", no_args_is_help=True
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
    from deployments.cli.families.looking import case_of
    from domain.parties import party
    from domain.text.screening import opened_by
    from storage.parties.partners import partner_of
    from storage.staff.families.rights import open_access, record_access_given
    from tasks.platform import current
    from templates import document

    settings = main_settings()
    platform = current()
    referral = case_of(platform.database, reference)
    opened_by(by, purpose)
    # The folder is made before the vault is opened, so that the vault stays closed when it cannot be made.
    with new_folder(to) as folder:
        # In a transaction of its own: the record that the vault was opened stays, whatever fails later.
        held = carry_out(
            platform.database, open_access, platform.vault, referral, purpose=purpose, by=by, now=platform.now()
        )
        with platform.database.reading() as session:
            sender = partner_of(session, party.municipality(referral.sending_municipality))
        years = settings.retention_closed_days // DAYS_A_YEAR
        facts = {"held": held, "years": years, "municipality": sender.name, "phone": sender.phone}
        folder.write("access.html", document("access", referral.language, **facts).encode())
        folder.write("access.json", json.dumps(held, ensure_ascii=False, indent=1, default=str).encode())
        # Recorded as given after both files are written.
        carry_out(platform.database, record_access_given, referral, by=by, now=platform.now())
    out.print(f"What is held about {reference} stands in {to}, as access.html and access.json.")


@rights_app.command()
def correct(
    reference: Reference,
    field: Annotated[str, typer.Option(help="What is wrong, such as phone.")],
    purpose: Purpose,
    by: By = COMMAND_LINE,
) -> None:
    """Correct a field of who a family is. You are asked for the value, so that no history of commands has it."""
    from connectors.case_system.contract import as_contracted
    from deployments.cli.families.looking import case_of
    from storage.privacy.rights import CORRECTABLE
    from storage.staff.families import rights
    from tasks.platform import current

    main_settings()
    if field not in CORRECTABLE:
        raise Invalid("field", f"one of {', '.join(CORRECTABLE)}")
    platform = current()
    referral = case_of(platform.database, reference)
    written = typer.prompt("What it should be", hide_input=True, confirmation_prompt=True)
    value = as_contracted(field, written)
    vault, now = platform.vault, platform.now()
    again = carry_out(platform.database, rights.correct, vault, referral, field, value, purpose=purpose, by=by, now=now)
    out.print(f"{field} of {reference} was put right{', and is told again to ' + ', '.join(again) if again else ''}.")


@rights_app.command()
def erase(reference: Reference, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Erase a family's data where the law lets us; else exit 1 with every reason why not."""
    from deployments.cli.families.looking import case_of
    from storage.staff.families import erasure
    from tasks.platform import current

    main_settings()
    platform = current()
    referral = case_of(platform.database, reference)
    database, vault, terms = platform.database, platform.vault, platform.retention
    reasons = erasure.erase(database, vault, referral, terms, by=by, now=platform.now())
    told: dict[str, Any] = {"reference": reference, "erased": not reasons, "reasons": reasons}
    if reasons:
        lines = "".join(f"\n· {reason}" for reason in reasons)
        tell(told, as_json, f"The data of {reference} cannot be erased:{lines}")
        raise typer.Exit(1)
    tell(told, as_json, f"The data of {reference} were erased.")


@rights_app.command()
def archived(
    reference: Reference,
    receipt: Annotated[str, typer.Option(help="The number of the archive's receipt.")],
    by: By = COMMAND_LINE,
) -> None:
    """Record that the archive has taken a case over; without it no data are shredded."""
    from storage.staff.families.archive import record_archived
    from tasks.platform import current

    main_settings()
    platform = current()
    carry_out(platform.database, record_archived, reference, receipt, by=by, now=platform.now())
    out.print(f"The archive has {reference}.")

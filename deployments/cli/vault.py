"""The command line for the vault: `tilflyt vault`."""

from dataclasses import asdict
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, problems, table_of, tell

vault_app = typer.Typer(
    help="The families' keys: rotate them, shred a family's data, mend what a crash left.", no_args_is_help=True
)
Reference = Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")]


@vault_app.command()
def rotate(by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Seal every family's key anew under TILFLYT_VAULT_KEY_ID. It may be stopped at any moment, and be run again."""
    from storage.staff.keys import record_rotation
    from tasks.platform import current
    from tasks.upkeep.retention import destroy_again

    main_settings()
    platform, count = current(), 0
    destroy_again(platform.database, platform.vault, by=by, now=platform.now())
    for some in platform.vault.rotate():
        count += some
        problems.print(f"{count} keys sealed anew", highlight=False)
    carry_out(platform.database, record_rotation, platform.vault.key_id, count, by=by, now=platform.now())
    told = {"key_id": platform.vault.key_id, "keys": count}
    tell(told, as_json, f"{count} keys were sealed anew; all are under {platform.vault.key_id} now.")


@vault_app.command()
def shred(
    reference: Reference,
    by: By = COMMAND_LINE,
    why: Annotated[str, typer.Option(help="On what ground.")] = "asked for",
    although: Annotated[
        bool, typer.Option("--although-not-archived", help="The archive need not have a case, such as a mistaken one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Shred a family's data: destroy their key, so that no copy can be read. It cannot be undone."""
    from deployments.cli.families.looking import case_of
    from storage.staff.families import erasure
    from tasks.platform import current

    main_settings()
    platform = current()
    referral = case_of(platform.database, reference)
    shredded = erasure.shred(
        platform.database,
        platform.vault,
        referral,
        although_not_archived=although,
        why=why,
        by=by,
        now=platform.now(),
    )
    for party in shredded.unconfirmed:
        problems.print(f"{party} has not confirmed that it has deleted what it was told.", highlight=False)
    done = shredded.certificate
    told = {
        "reference": reference,
        "key_destroyed_at": done.key_destroyed_at.isoformat(),
        "by": done.by,
        "why": done.why,
        "at": done.at.isoformat(),
    }
    tell(told, as_json, table_of(list(told.items()), "", "", title="certificate"))


@vault_app.command()
def sweep(
    at_most: Annotated[int, typer.Option(help="Delete at most so many keys that sealed nothing.")] = 20,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Destroy again what a backup brought back, and mend what a crash left. Exit 1 when an entry has lost its key."""
    from storage.privacy import shredding
    from tasks.platform import current
    from tasks.upkeep.retention import destroy_again

    main_settings()
    platform = current()
    back = destroy_again(platform.database, platform.vault, by=by, now=platform.now())
    found = shredding.sweep(platform.database, platform.vault, forget_at_most=at_most, by=by, now=platform.now())
    rows = [
        ("keys that a backup brought back, destroyed again", len(back)),
        ("keys that sealed nothing, deleted", len(found.keys)),
        ("shreddings that were not finished, finished", len(found.half_shredded)),
        ("entries that have lost their key", ", ".join(found.lost) or "–"),
    ]
    tell({"brought_back": back, **asdict(found)}, as_json, table_of(rows, "", ""))
    if found.lost:
        raise typer.Exit(1)

"""The command line for the installation's own keys: `tilflyt keys`."""

from contextlib import closing
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import By, main_settings, out
from domain.errors import Invalid

keys_app = typer.Typer(help="The installation's own keys.", no_args_is_help=True)


@keys_app.callback()
def start() -> None:
    """The installation's own keys."""


@keys_app.command()
def replaced(
    name: Annotated[str, typer.Argument(help="link_key, pseudonym_key or told_once.")], by: By = COMMAND_LINE
) -> None:
    """Record that a key was replaced on purpose. Until this is recorded, no process starts with the new key."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.keys import replace_key
    from storage.vault.data_keys import TOLD_ONCE
    from storage.vault.key_checks import NEVER_IN_PLACE, VAULT_KEY, check_values, keys_of
    from storage.vault.key_encryption import key_ring, key_store
    from storage.vault.vault import Vault

    if name.startswith(f"{VAULT_KEY}:"):
        raise Invalid("name", NEVER_IN_PLACE)
    settings = main_settings()
    now = clock_of(settings).now()
    with closing(opened_database(settings)) as database:
        vault = Vault(key_ring(settings), key_store(settings))
        if name == TOLD_ONCE:
            vault.told_key(now=now)
        values = check_values(keys_of(settings), vault)
        if name not in values:
            raise Invalid("name", "one of link_key, pseudonym_key, told_once, and it must be set here")
        new = carry_out(database, replace_key, name, values[name], by=by, now=now)
    out.print(f"{name} is this installation's from now on." if new else f"{name} is the same as before.")

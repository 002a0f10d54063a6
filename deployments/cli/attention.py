"""The command line for the attention list: `tilflyt attention`."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, table_of, tell

MANY = "by number, range or code, as in 7,9-12,no_answer"


def attention(
    retry: Annotated[
        list[str] | None, typer.Option(help=f"Try again what these items are about, and take them off: {MANY}.")
    ] = None,
    done: Annotated[list[str] | None, typer.Option(help=f"Take these items off the list: {MANY}.")] = None,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """What needs a person, and why."""
    from deployments.cli.families.looking import attention_list
    from domain.errors import TilflytError
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.operations.schedules import ask_about_late
    from storage.staff.attention import deal_with_all
    from tasks.platform import current
    from tasks.upkeep.attention import attend

    settings = main_settings()
    database = opened_database(settings)
    now = clock_of(settings).now()
    carry_out(database, deal_with_all, again=retry or (), off=done or (), by=by, now=now)
    # Here too, because there may be no worker that asks.
    carry_out(database, ask_about_late, now=datetime.now(UTC))
    # Without the keys no item is closed here; the worker closes it later.
    with suppress(TilflytError):
        attend(current())
    items = attention_list(database)
    names = ("no.", "since", "case", "about", "why", "detail")
    rows = [list(item.values()) for item in items]
    tell(items, as_json, table_of(rows, *names, title=f"{len(items)} need a person"))

"""The command line's output: a table for a person, JSON for a program, problems to stderr."""

import json
import logging
import sys
from collections.abc import Sequence
from typing import Annotated, Any
from unicodedata import category

import structlog
import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from deployments.cli.actor import as_known_here
from deployments.used_settings import unusual
from domain.errors import Invalid
from domain.text.screening import holds_cpr_number
from storage.settings import Settings, load_settings

# In a pipe, for grep, a table is wide enough not to cut a case reference.
out = Console(width=None if sys.stdout.isatty() else 200)
problems = Console(stderr=True)


def _nobodys_number(told: str) -> str:
    """The text, if it holds no CPR number, because it stays in the audit chain for ever."""
    if holds_cpr_number(told):
        raise typer.BadParameter("holds what may be a CPR number")
    return told


def _beside_the_os_user(by: str) -> str:
    try:
        return as_known_here(by)
    except Invalid as error:
        raise typer.BadParameter(error.reason) from None


By = Annotated[
    str,
    typer.Option(
        help="Who does it. It stands in the audit chain for ever, and the user of this machine beside it.",
        callback=_beside_the_os_user,
    ),
]
Purpose = Annotated[
    str,
    typer.Option(help="Why you look: it stands in the audit chain for ever, so name nobody.", callback=_nobodys_number),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def main_settings() -> Settings:
    """Load the settings and set up logging; print where the settings come from when that is unusual."""
    settings = load_settings()
    if told := unusual(settings):
        problems.print(plain(told), soft_wrap=True)
    level = logging.getLevelNamesMapping()[settings.log_level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
    )
    return settings


def tell(document: Any, as_json: bool, table: Table | Group | str) -> None:  # noqa: ANN401  # what JSON can hold
    """Print a table or lines for a person, or JSON for a program."""
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, default=str))
    else:
        out.print(plain(table) if isinstance(table, str) else table, soft_wrap=isinstance(table, str))


def plain(told: object) -> Text:
    """A text that others wrote, safe for a terminal: no markup, and no invisible signs."""
    seen = (sign if sign == "\n" or category(sign)[0] != "C" else "\ufffd" for sign in str(told))
    return Text("".join(seen))


def table_of(rows: Sequence[Sequence[object]], *names: str, title: str | None = None) -> Table:
    """Rows as a table; their texts are made safe for a terminal."""
    table = Table(*names, title=title)
    for row in rows:
        table.add_row(*map(plain, row))
    return table

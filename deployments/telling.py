"""How the command line tells: a table for a person, JSON for a program, problems to stderr."""

import json
import logging
import sys
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from storage.settings import Settings, load_settings

# Piped, a table is for grep: wide enough not to cut a case reference.
out = Console(width=None if sys.stdout.isatty() else 200)
problems = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


def main_settings() -> Settings:
    """The settings; logging is set up on the way."""
    settings = load_settings()
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


def tell(document: Any, as_json: bool, table: Table | str) -> None:  # noqa: ANN401  # what JSON can hold
    """Print a table or lines for a person, or JSON for a program."""
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, default=str))
    else:
        out.print(Text(table) if isinstance(table, str) else table, soft_wrap=isinstance(table, str))

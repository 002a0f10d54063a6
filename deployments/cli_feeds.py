"""The command line for the night: `tilflyt sync` and `tilflyt quarantine`."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from domain.errors import TilflytError

BY = "command line"
sync_app = typer.Typer(help="Fetch what the associations have vacant, and decide what was held back.")
quarantine_app = typer.Typer(help="Rows that break the contract of the feeds.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
Association = Annotated[str | None, typer.Option("--association", help="Only this association.")]
Named = Annotated[str, typer.Argument(help="The association's id.")]
RowNumber = Annotated[int, typer.Argument(help="The row's number, as `tilflyt quarantine list` has it.")]

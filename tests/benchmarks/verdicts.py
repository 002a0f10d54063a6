"""Judges and prints the limits of every benchmark.

A limit is a share of the bare operation that was measured in the same run, so that a machine at half its usual speed
holds the same limits. In the small form, which the tests run, nothing is judged, because the numbers are too small.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console

from storage.settings import Settings

# The interval of the worker's looks, in seconds: a click's wait includes one, whatever the machine's speed.
LOOK_S: float = Settings.model_fields["look_every_ms"].default / 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure with its limit, as text, and whether the limit was held."""

    told: str
    held: bool


def figure(value: float) -> str:
    """A figure with two or three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def at_most(what: str, seen: float, limit: float, unit: str) -> Verdict:
    """A figure that must not be larger than its limit."""
    return Verdict(f"{what}: {figure(seen)} {unit}, at most {figure(limit)}", seen <= limit)


def at_least(what: str, seen: float, limit: float, unit: str) -> Verdict:
    """A figure that must not be smaller than its limit."""
    return Verdict(f"{what}: {figure(seen)} {unit}, at least {figure(limit)}", seen >= limit)


def judged(verdicts: Iterable[Verdict], console: Console, *, small: bool) -> bool:
    """Print each figure with its limit; whether all were held, which is always true in the small form."""
    told = list(verdicts)
    for one in told:
        word = "[dim]seen[/]  " if small else "[green]held[/]  " if one.held else "[red]missed[/]"
        console.print(word, one.told, highlight=False, soft_wrap=True)
    return small or all(one.held for one in told)


def small_form(arguments: list[str] | None, module: str) -> bool:
    """Whether the command line asks for the small form."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{module}")
    parser.add_argument("--small", action="store_true", help="a few of everything, and nothing is judged: does it run")
    return bool(parser.parse_args(arguments).small)

"""What is said of each limit, for every benchmark alike.

A limit is a share of the bare operation that was measured in the same run, so that a machine at half its usual speed
holds what it held before. In the small form, which the tests run, nothing is judged: so few of anything tell nothing.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console

from storage.settings import Settings

# A click waits for the worker's next look, whatever the machine's speed: a time that is set, and not measured.
LOOK_S: float = Settings.model_fields["look_every_ms"].default / 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure with its limit, as a person reads it, and whether the limit was held."""

    told: str
    held: bool


def figure(value: float) -> str:
    """A figure to two or three places that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def at_most(what: str, seen: float, limit: float, unit: str) -> Verdict:
    """A figure that must not be larger than its limit."""
    return Verdict(f"{what}: {figure(seen)} {unit}, at most {figure(limit)}", seen <= limit)


def at_least(what: str, seen: float, limit: float, unit: str) -> Verdict:
    """A figure that must not be smaller than its limit."""
    return Verdict(f"{what}: {figure(seen)} {unit}, at least {figure(limit)}", seen >= limit)


def judged(verdicts: Iterable[Verdict], console: Console, *, small: bool) -> bool:
    """Print each figure beside its limit; whether all were held, as is always said of the small form."""
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

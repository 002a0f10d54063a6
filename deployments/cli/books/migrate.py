"""The command line for moving open cases to another version of their agreement: `tilflyt agreement migrate`."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, table_of, tell
from domain.errors import Invalid

if TYPE_CHECKING:
    from storage.clock import Clock
    from storage.database import Database
    from storage.staff.agreements.version_change import CaseReport

Cases = Annotated[list[str] | None, typer.Option("--case", help="This case alone; may be given several times.")]


def migrate(  # noqa: PLR0917  # a command's options
    agreement: Annotated[str | None, typer.Argument(help="The agreement's id, such as fyn.")] = None,
    to: Annotated[int | None, typer.Option(help="The version to which open cases move.")] = None,
    case: Cases = None,
    undo: Annotated[int | None, typer.Option(help="Undo the migration of this number instead.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and change nothing.")] = False,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Move open cases to another version of their agreement, each in a transaction of its own, until they are housed.

    A case that cannot move stays, with every reason. What an open question promised, its deadline, stays as it is.
    """
    from storage.clock import clock_of
    from storage.installation import opened_database

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        if undo is not None:
            if agreement is not None or to is not None:
                raise Invalid("undo", "a migration is undone by its number alone")
            found = list(_undone(database, clock_of(settings), undo, case, dry_run=dry_run, by=by))
        elif agreement is None or to is None:
            raise Invalid("to", "say which agreement's cases move, and to which version")
        else:
            found = list(_moved(database, clock_of(settings), agreement, to, case, dry_run=dry_run, by=by))
    _tell(found, as_json, dry_run=dry_run)


def _moved(
    database: "Database", clock: "Clock", agreement: str, to: int, cases: list[str] | None, *, dry_run: bool, by: str
) -> "Iterator[CaseReport]":
    from storage.staff.agreements.migration import cases_to_move, foreseen, migrate_case, version_to_move_to

    number = None
    with database.reading() as session:
        version_id = version_to_move_to(session, agreement, to, now=clock.now())
        references = cases_to_move(session, version_id, cases or ())
        if dry_run:
            yield from (foreseen(session, one, version_id, now=clock.now()) for one in references)
            return
    for one in references:
        report = carry_out(database, migrate_case, one, version_id, migration=number, by=by, now=clock.now())
        number = number or report.migration
        yield report


def _undone(
    database: "Database", clock: "Clock", migration: int, cases: list[str] | None, *, dry_run: bool, by: str
) -> "Iterator[CaseReport]":
    from storage.staff.agreements.undo import cases_to_move_back, foreseen_back, move_back

    with database.reading() as session:
        references = cases_to_move_back(session, migration, cases or ())
        if dry_run:
            yield from (foreseen_back(session, one, migration, now=clock.now()) for one in references)
            return
    for one in references:
        yield carry_out(database, move_back, one, migration, by=by, now=clock.now())


def _tell(found: "Sequence[CaseReport]", as_json: bool, *, dry_run: bool) -> None:
    moved = [one for one in found if not one.left]
    number = next((one.migration for one in moved), None)
    done = "would move" if dry_run else f"moved, migration {number}" if moved else "moved"
    rows = [
        (one.reference, one.status, *_said(one), "; ".join(one.left) or "; ".join(map(str, one.changes)) or "nothing")
        for one in found
    ]
    title = f"{len(moved)} cases {done}; {len(found) - len(moved)} stay"
    told = {"migration": number, "cases": [asdict(one) for one in found]}
    tell(told, as_json, table_of(rows, "case", "status", "version", "", "what changes, or why it stays", title=title))


def _said(one: "CaseReport") -> tuple[str, str]:
    return f"{one.before} → {one.after}", "stays" if one.left else "moves"

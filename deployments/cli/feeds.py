"""The command line for the night: `tilflyt sync` and `tilflyt quarantine`."""

import asyncio
import os
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, plain, problems, table_of, tell
from domain.errors import TilflytError

sync_app = typer.Typer(help="Fetch what the associations have vacant, and decide about what was held back.")
quarantine_app = typer.Typer(help="Rows of feeds that break the contract.", no_args_is_help=True)

feed_app = typer.Typer(help="For associations: look at your own feed.", no_args_is_help=True)

Association = Annotated[str | None, typer.Option(help="Only this association.")]
Named = Annotated[str, typer.Argument(help="The association's id.")]
RowNumber = Annotated[int, typer.Argument(help="The row's number, as `tilflyt quarantine list` has it.")]


@sync_app.callback(invoke_without_command=True)
def sync(
    context: typer.Context,
    association: Association = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Fetch and judge, and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch what the associations have vacant, now. Exit 1 when a feed was silent, refused or held back."""
    if context.invoked_subcommand is not None:
        return
    from domain.feeds.load import LoadStanding

    nights = fetched(association, dry_run=dry_run)
    names = ("association", "outcome", "rows", "appeared", "changed", "vanished", "in quarantine", "why")
    rows = [(*list(night.values())[:-1], ", ".join(night["why"])) for night in nights]
    tell(nights, as_json, table_of(rows, *names))
    if any(night["outcome"] in (LoadStanding.FAILED, LoadStanding.HELD) for night in nights):
        raise typer.Exit(1)


def fetched(association: str | None, *, dry_run: bool) -> list[dict[str, Any]]:
    """Sync one association or all of them, with a progress line for each on a terminal."""
    from domain.feeds.load import LoadStanding
    from tasks.feeds import night as syncing
    from tasks.feeds import synced_feeds
    from tasks.feeds.verdict import Night
    from tasks.platform import current

    main_settings()
    platform = current()
    if not dry_run:
        syncing.forget_abandoned(platform)
    known = synced_feeds.associations_with_a_feed(platform)
    if association is not None and association not in known:
        raise TilflytError(f"no association {association} with a feed; known: {', '.join(known)}")
    nights = []
    columns = (TextColumn("sync · {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    outcome = TextColumn("{task.fields[outcome]}")
    with Progress(*columns, outcome, console=problems, disable=not problems.is_terminal) as lines:
        for one in [association] if association else known:
            line = lines.add_task(one, total=synced_feeds.usual_rows(platform, one), outcome="")
            try:
                night = asyncio.run(syncing.sync(platform, one, dry_run=dry_run, rows_seen=_moving(lines, line)))
            except TilflytError as error:
                night = Night(one, LoadStanding.FAILED, why=(error.code,))
            lines.update(line, total=night.rows or 1, completed=night.rows or 1, outcome=night.outcome)
            nights.append(asdict(night))
    return nights


def _moving(lines: Progress, line: Any) -> Any:  # noqa: ANN401  # rich's own number of a line
    return lambda rows: lines.update(line, completed=rows)


@sync_app.command()
def history(association: Association = None, as_json: AsJson = False) -> None:
    """The last loads of the feeds, newest first."""
    from storage.feeds.review import history as loads
    from storage.installation import opened_database

    with opened_database(main_settings()).reading() as session:
        found = loads(session, association)
    names = found[0] if found else ("nothing was synced yet",)
    tell(found, as_json, table_of([list(load.values()) for load in found], *names))


@sync_app.command()
def accept(association: Named, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Have a held feed applied all the same."""
    _decided("accept", association, by, as_json)


@sync_app.command()
def refuse(association: Named, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Refuse a held feed: the last good snapshot stays, and the next night is judged anew."""
    _decided("refuse", association, by, as_json)


def _decided(deed: str, association: str, by: str, as_json: bool) -> None:
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff import feeds

    settings = main_settings()
    decide = feeds.accept if deed == "accept" else feeds.refuse
    held = carry_out(opened_database(settings), decide, association, by=by, now=clock_of(settings).now())
    told = {"association": association, "decided": deed, "why": list(held.load.why), **asdict(held.would)}
    row = [", ".join(value) if isinstance(value, list) else value for value in told.values()]
    tell(told, as_json, table_of([row], *told))


@quarantine_app.command("list")
def list_(association: Association = None, as_json: AsJson = False) -> None:
    """The rows in quarantine, oldest first."""
    from storage.clock import clock_of
    from storage.feeds.review import in_quarantine
    from storage.installation import opened_database
    from storage.operations.overview import not_kept_lately

    settings = main_settings()
    with opened_database(settings).reading() as session:
        beyond = not_kept_lately(session, now=clock_of(settings).now())
        rows = [
            {
                "no.": row.id,
                "association": row.association,
                "id": row.external_id or "",
                "line": row.line,
                "why": "; ".join(row.reasons),
                "first seen": row.first_seen.isoformat(timespec="minutes"),
                "last seen": row.last_seen.isoformat(timespec="minutes"),
            }
            for row in in_quarantine(session, association)
        ]
    names = ("no.", "association", "id", "line", "why", "first seen", "last seen")
    more = sum(count for one, count in beyond.items() if association in (None, one))
    title = f"{len(rows)} rows" + (f", and {more} more in the last day that are counted and not kept" if more else "")
    tell(rows, as_json, table_of([list(row.values()) for row in rows], *names, title=title))
    if more and as_json:
        problems.print(plain(title))


@quarantine_app.command()
def show(number: RowNumber, as_json: AsJson = False) -> None:
    """One row, as it came, and every reason why it breaks the contract."""
    from storage.feeds.review import kept_row
    from storage.installation import opened_database

    with opened_database(main_settings()).reading() as session:
        row = kept_row(session, number)
    raw = row.raw.decode("utf-8", "replace")
    told = {"association": row.association, "line": row.line, "raw": raw, "reasons": row.reasons}
    lines = (f"{row.association}, line {row.line}:", raw, *(f"- {reason}" for reason in row.reasons))
    tell(told, as_json, "\n".join(lines))


@quarantine_app.command("map")
def map_(  # noqa: PLR0917  # a command's options
    association: Named, field: str, written: str, meant: str, by: By = COMMAND_LINE, as_json: AsJson = False
) -> None:
    """From now on, read what an association writes in a field as something else: `map havblik floor stuen 0`."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.feed_words import remember_mapping

    settings = main_settings()
    now = clock_of(settings).now()
    carry_out(opened_database(settings), remember_mapping, association, field, written, meant, by=by, now=now)
    told = {"association": association, "field": field, "written": written, "meant": meant}
    line = f"{association}: {field} {written!r} is read as {meant!r}; `replay` its rows, or wait for the night."
    tell(told, as_json, line)


@quarantine_app.command()
def replay(numbers: list[int], by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Judge rows again with the mappings that hold now. Exit 1 when a row is still wrong."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.feed_rows import replay_all

    settings = main_settings()
    now = clock_of(settings).now()
    found = carry_out(opened_database(settings), replay_all, numbers, by=by, now=now)
    told = [{"no.": number, "reasons": faults} for number, faults in found.items()]
    lines = (f"{number}: {'; '.join(faults) or 'right, and will be applied'}" for number, faults in found.items())
    tell(told, as_json, "\n".join(lines))
    if any(found.values()):
        raise typer.Exit(1)


@quarantine_app.command()
def drop(numbers: list[int], by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Take rows out of quarantine for good: when the same come again, nobody is asked."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.feed_rows import drop_all

    settings = main_settings()
    carry_out(opened_database(settings), drop_all, numbers, by=by, now=clock_of(settings).now())
    tell({"dropped": numbers}, as_json, f"{len(numbers)} dropped.")


@feed_app.callback()
def feed() -> None:
    """For associations: look at your own feed before it is fetched."""


@feed_app.command()
def check(
    where: Annotated[str, typer.Argument(help="A file (JSON; CSV or XML by its ending) or an http(s) address.")],
    token_in: Annotated[str, typer.Option(help="The environment variable that holds the address's bearer token.")] = "",
    as_json: AsJson = False,
) -> None:
    """Judge every row as the night would: each problem with its line and field. Exit 1 when a row is wrong."""
    from deployments.feed_check import check as checked

    found = asyncio.run(checked(where, token=os.environ.get(token_in, "") or "none"))
    rows = [(problem.line, problem.field, problem.rule) for problem in found.problems]
    title = f"{found.rows} rows, {found.wrong} of them wrong"
    tell(asdict(found), as_json, table_of(rows, "line", "field", "what is wrong", title=title))
    if found.unknown and not as_json:
        names = ", ".join(f"{name} ({count})" for name, count in found.unknown.most_common())
        problems.print(plain(f"Not part of the format, and left alone: {names}"))
    if found.wrong:
        raise typer.Exit(1)

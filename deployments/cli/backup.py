"""The command line for backups: `tilflyt backup`, and `tilflyt restored` after one was put back."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deployments.cli.actor import COMMAND_LINE
from deployments.cli.output import AsJson, By, main_settings, out, plain, problems, table_of, tell

if TYPE_CHECKING:
    from tasks.restored.restored import Restored


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet; only you may read it.")],
    keys_to: Annotated[
        Path | None, typer.Option(help="Where the families' keys go, such as another disk; else FOLDER/keys.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Hold a backup that is there against its digests.")] = False,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Copy both databases as they are at one moment, while everything runs; with digests and the chain's end."""
    from deployments.backup import backup as made
    from storage.clock import clock_of

    if check:
        files = [asdict(one) for one in made.checked(folder)]
        rows = [list(one.values()) for one in files]
        tell(files, as_json, table_of(rows, "file", "bytes", "SHA-256", title="as they were copied"))
        return
    settings = main_settings()

    def progress(line: str) -> None:
        problems.print(line, highlight=False)

    now = clock_of(settings).now()
    done = made.back_up(settings, folder, keys_to=keys_to, by=by, now=now, tell=progress)
    told = asdict(done)
    table: list[tuple[str, object]] = [
        ("database", done.database / done.copied[0].name),
        ("families' keys", done.keys / done.copied[1].name),
        ("bytes", sum(one.size for one in done.copied)),
        ("chain's end", f"entry {done.entry}, {done.hash}"),
        *(("not in it", one) for one in made.NOT_IN_IT),
    ]
    tell(told, as_json, table_of(table, "", "", title="backed up"))
    if not as_json:
        keep = (
            "Keep the keys apart from the database and for a few days only: who has both and the vault's key reads all."
        )
        out.print(plain(keep), soft_wrap=True)


def restored(
    *,
    checkpoint: Annotated[
        list[str] | None,
        typer.Option(
            help="A checkpoint's letter that a party has kept: its file, or the letter pasted; once for each."
        ),
    ] = None,
    public_key: Annotated[
        list[str] | None,
        typer.Option(help="A key that the letter may be signed with, beside those at hand; once for each."),
    ] = None,
    believe: Annotated[
        list[str] | None,
        typer.Option(help="Take a party's word for what it holds without our key, such as municipality:0461."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Ask the partners from this day on; else from the backup's day."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask the partners and tell, and write nothing.")] = False,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """After a backup was put back: skip numbers, take in again what was lost, and list what a person must settle."""
    from deployments.backup.kept_letters import signed_in
    from deployments.cli.audit import known_keys
    from tasks.platform import current
    from tasks.restored.restoration import restored as restore

    settings = main_settings()
    keys = known_keys(settings, public_key or ()) if checkpoint else ()
    letters = [signed_in(one, keys) for one in checkpoint or ()]
    asked: dict[str, Any] = {"kept": [(one.seq, one.hash) for one in letters], "believed": believe or ()}
    asked_since = since.replace(tzinfo=UTC) if since else None
    done = asyncio.run(restore(current(), by=by, since=asked_since, dry_run=dry_run, **asked))
    tell(asdict(done), as_json, table_of(_rows(done), "", "", title="would be done" if dry_run else "restored"))
    if not as_json and done.to_settle:
        items = [(str(one.subject), one.code, one.detail) for one in done.to_settle]
        out.print(table_of(items, "about", "what", "detail", title=f"{len(items)} to be settled by a person"))


def _rows(done: "Restored") -> list[tuple[str, object]]:
    skipped = (f"{year}: from {one} to {other}" for year, (one, other) in done.numbers.items())
    return [
        ("the database went back", "yes" if done.went_back else "nothing shows it"),
        ("the chain goes on from entry", done.back_to),
        ("entries that were lost, the known ends", ", ".join(map(str, done.lost)) or "\u2013"),
        ("partners were asked from", f"{done.asked_since:%Y-%m-%d}"),
        ("case numbers skipped", ", ".join(skipped) or "\u2013"),
        ("taken in again", ", ".join(done.taken_in_again) or "\u2013"),
        ("stopped again", ", ".join(done.stopped_again) or "\u2013"),
        ("refusals remembered again", done.refused_again),
        ("postings that are not posted again", done.posted_before),
        ("to be settled by a person", len(done.to_settle)),
    ]


def add_to(app: typer.Typer) -> None:
    """Add both commands to the command line."""
    app.command()(backup)
    app.command()(restored)

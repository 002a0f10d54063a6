"""The command line for postings in the parties' finance systems: `tilflyt posting`."""

from collections import Counter
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.books.settlement import kroner, last_day_of
from deployments.cli.output import AsJson, By, main_settings, out, table_of, tell
from deployments.files import chunks_of

posting_app = typer.Typer(
    help="Postings in the parties' finance systems: what became of each, and what a person must do.",
    no_args_is_help=True,
)
MOST_BYTES_OF_A_REPORT = 20_000_000
Which = Annotated[str, typer.Argument(help="A posting's number in `tilflyt posting list`, or its key.")]
Party = Annotated[str, typer.Argument(help="A municipality, such as municipality:0461.")]


@posting_app.command("list")
def posting_list(
    party: Annotated[str | None, typer.Option(help="One party alone, such as municipality:0461.")] = None,
    case: Annotated[str | None, typer.Option(help="One case alone, TF-2026-00042.")] = None,
    state: Annotated[str | None, typer.Option(help="One state alone, such as rejected.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every posting with what is known of it. Only what both sides have accepted counts."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.installation import opened_database
    from storage.staff.postings import postings

    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        found = [one for one in postings(session, party=party, reference=case) if state in (None, one.state)]
    told = [_told(one) for one in found]
    names = ("no.", "party", "booking", "account", "kr.", "state", "why")
    rows = [[one[name] for name in ("id", "party", "booking", "account")] for one in told]
    rows = [[*row, kroner(one["amount_ore"]), one["state"], one["reason"]] for row, one in zip(rows, told, strict=True)]
    counted = Counter(one["state"] for one in told)
    title = ", ".join(f"{count} {name}" for name, count in sorted(counted.items())) or "no postings"
    tell(told, as_json, table_of(rows, *names, title=title))


@posting_app.command()
def correct(
    which: Which,
    account_string: Annotated[str | None, typer.Option(help="Another account string (kontostreng).")] = None,
    receiver: Annotated[str | None, typer.Option(help="Another party whose finance system books it.")] = None,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Correct a posting that was rejected, and send it anew under another key. Its amount stays as it is."""
    from storage.staff.postings import correct_posting
    from tasks.platform import current

    main_settings()
    platform = current()
    now = platform.now()
    changes = {"account_string": account_string, "receiver": receiver}
    told_key = platform.vault.told_key(now=now)
    key = carry_out(platform.database, correct_posting, which, **changes, told_key=told_key, by=by, now=now)
    tell({"posting": which, "key": key}, as_json, f"Posting {which} is corrected and sent anew, under the key {key}.")


@posting_app.command()
def export(
    party: Party,
    folder: Annotated[Path, typer.Argument(help="An existing folder; the file's name says the party and the day.")],
    run: Annotated[
        datetime | None, typer.Option(help="The run's day; today when unsaid.", formats=["%Y-%m-%d"])
    ] = None,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Write the run of postings of a party that takes files; the same run is the same file, whenever it is written."""
    from domain.working_days import day_of
    from tasks.books.run_files import export_run
    from tasks.platform import current

    main_settings()
    platform = current()
    day = run.date() if run else day_of(platform.now())
    made = export_run(platform, party, day, folder, by=by)
    told = {"file": str(made[0]) if made else None, "postings": made[1] if made else 0}
    said = f"{told['postings']} postings in {told['file']}." if made else f"Nothing of {party} waits for a run."
    tell(told, as_json, said)


@posting_app.command()
def figures(month: Annotated[str, typer.Argument(help="A month, such as 2026-03.")], as_json: AsJson = False) -> None:
    """What was booked for each party in a month, and how much of it every finance system has accepted."""
    import storage.tables  # noqa: F401  # a booking names rows of other tables
    from storage.books.bookkeeping.accepted import figures as figures_of
    from storage.installation import opened_database

    last = last_day_of(month)
    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        found = figures_of(session, after=last.replace(day=1) - timedelta(days=1), until=last)
    told = [{**asdict(one), "awaited_ore": one.awaited_ore} for one in found]
    rows = [(one.party, kroner(one.booked_ore), kroner(one.accepted_ore), kroner(one.awaited_ore)) for one in found]
    tell(told, as_json, table_of(rows, "party", "booked", "accepted by both sides", "not yet, kr.", title=month))


@posting_app.command()
def answers(
    party: Party,
    file: Annotated[Path, typer.Argument(help="What its finance system (CSV) or its bank (camt.053) reports back.")],
    until: Annotated[datetime, typer.Option(help="The last day of which it tells.", formats=["%Y-%m-%d"])],
    form: Annotated[str | None, typer.Option(help="csv or camt; when unsaid, as the file looks.")] = None,
    as_json: AsJson = False,
) -> None:
    """Reconcile what a finance system or a bank reports back with what was told. Exit 1 unless everything matches."""
    from tasks.books.reports import read_report_of
    from tasks.platform import current

    main_settings()
    platform = current()
    body = b"".join(chunks_of(file, most=MOST_BYTES_OF_A_REPORT))
    show_reconciliation(read_report_of(platform, party, body, until=until.date(), form=form), as_json)


def show_reconciliation(found: Any, as_json: bool) -> None:  # noqa: ANN401  # imported where it is needed
    """Tell what matches and what does not, list by list; exit 1 when anything does not."""
    told: dict[str, Any] = {"clean": found.is_clean, "matched": len(found.matched), "awaited": len(found.awaited)}
    lists = [(name, *row) for name, rows in found.lists() for row in rows]
    names = ("list", "key", "ours, kr.", "theirs, kr.", "day", "place")
    told["lists"] = [
        dict(zip(("list", "key", "ours_ore", "theirs_ore", "day", "place"), one, strict=True)) for one in lists
    ]
    rows = [(name, key, _kr(ours), _kr(theirs), day, place) for name, key, ours, theirs, day, place in lists]
    title = f"{told['matched']} match, {told['awaited']} are still to be reported"
    tell(told, as_json, table_of(rows, *names, title=title))
    if not found.is_clean:
        raise typer.Exit(1)


def _kr(ore: int | None) -> str:
    return "" if ore is None else kroner(ore)


@posting_app.command()
def settle(
    which: Which,
    as_: Annotated[str, typer.Option("--as", help="accepted or rejected: what is true there.")],
    by: By = COMMAND_LINE,
) -> None:
    """Settle what became of a posting that is disputed or without an answer, as its finance department says."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.postings import settle_posting

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        found = carry_out(database, settle_posting, which, as_=as_, by=by, now=clock_of(settings).now())
    out.print(f"Posting {which} is {found.state}.")


def _told(one: Any) -> dict[str, Any]:  # noqa: ANN401  # imported where it is needed
    known = one.known
    return {
        "id": one.row.id,
        "key": one.row.key,
        "party": one.row.addressee,
        "booking": one.posting.booking,
        "case": one.posting.reference,
        "account": one.posting.account,
        "account_string": one.posting.account_string,
        "amount_ore": one.posting.amount_ore,
        "state": one.state,
        "reason": known.reason if known else "",
        "reported_ore": known.amount_ore if known else None,
    }

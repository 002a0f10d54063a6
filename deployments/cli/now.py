"""The schedules' work, done now: `tilflyt intake now`, `deadlines now`, `returned-mail now`, `housekeeping now`.

Each may run beside the schedule of the same name (tests/stories/test_against_itself.py), and needs no Prefect server.
"""

import asyncio
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, table_of, tell
from domain.errors import Invalid, TilflytError

intake_app = typer.Typer(help="Take in what the municipalities' case systems have flagged.", no_args_is_help=True)
deadlines_app = typer.Typer(help="Remind of open questions, and end the waits whose time has passed.")
mail_app = typer.Typer(help="Read the mail that came back to our address.")
housekeeping_app = typer.Typer(help="Follow consents to their end, and shred families' data whose time is over.")


@intake_app.callback()
@deadlines_app.callback()
@mail_app.callback()
@housekeeping_app.callback()
def _group() -> None:
    """Each has the one command `now`, and may have more."""


def _noted(what: str, by: str, **facts: str) -> None:
    """Record in the audit chain who ran it."""
    from storage.staff.operations import record_done_now
    from tasks.platform import current

    platform = current()
    carry_out(platform.database, record_done_now, what, facts, by=by, now=platform.now())


@intake_app.command("now")
def intake_now(
    municipality: Annotated[str | None, typer.Option(help="One municipality alone, by its code.")] = None,
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Poll the case systems now; exit 1 when one does not answer."""
    from tasks.intake.intake import municipalities_that_flag, take_in
    from tasks.platform import current

    main_settings()
    platform = current()
    polled = municipalities_that_flag(platform)
    if municipality is not None:
        if municipality not in polled:
            raise Invalid("municipality", f"{municipality} has no case system")
        polled = [municipality]
    found, silent = [], 0
    for code in polled:
        line: dict[str, object] = {"municipality": code, "taken in": "", "refused": 0, "stopped": 0, "problem": ""}
        try:
            report = asyncio.run(take_in(platform, code))
            line |= {"taken in": ", ".join(report.taken_in), "refused": report.refused, "stopped": report.stopped}
        except TilflytError as error:
            line["problem"], silent = error.code, silent + 1
        found.append(line)
    _noted("intake", by, municipalities=",".join(polled))
    names = ("municipality", "taken in", "refused", "stopped", "problem")
    tell(found, as_json, table_of([list(line.values()) for line in found], *names, title="intake"))
    if silent:
        raise typer.Exit(1)


@deadlines_app.command("now")
def deadlines_now(by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Mind the deadlines now."""
    from dataclasses import asdict

    from tasks.asking.deadlines import remind_and_close
    from tasks.platform import current

    main_settings()
    found = asdict(remind_and_close(current()))
    _noted("deadlines", by)
    rows = [(what.replace("_", " "), ", ".join(cases)) for what, cases in found.items()]
    tell(found, as_json, table_of(rows, "what", "for whom", title="deadlines"))


@mail_app.command("now")
def mail_now(by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Read the mailbox now."""
    from tasks.asking.returned_mail import read_returned_mail
    from tasks.platform import current

    main_settings()
    platform = current()
    if platform.mailbox is None:
        raise Invalid("TILFLYT_IMAP_HOST", "is empty: there is no mailbox to read")
    cases = list(read_returned_mail(platform))
    _noted("returned-mail", by)
    tell(cases, as_json, f"{len(cases)} not reached{': ' if cases else '.'}{', '.join(cases)}")


@housekeeping_app.command("now")
def housekeeping_now(by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Do the night's housekeeping now."""
    from dataclasses import asdict

    from tasks.platform import current
    from tasks.upkeep.asked_again import ask_again
    from tasks.upkeep.consents import follow_consents
    from tasks.upkeep.retention import keep_house

    main_settings()
    platform = current()
    found = {
        "consents": asdict(follow_consents(platform)),
        "families": asdict(keep_house(platform)),
        "attention": {"asked_again": ask_again(platform)},
    }
    _noted("housekeeping", by)
    rows = [
        (f"{of}: {what.replace('_', ' ')}", ", ".join(told) if isinstance(told, list) else told)
        for of, lines in found.items()
        for what, told in lines.items()
    ]
    tell(found, as_json, table_of(rows, "what", "for whom", title="housekeeping"))

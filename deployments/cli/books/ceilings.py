"""The command line for an agreement's yearly ceilings: `tilflyt agreement ceilings`."""

from contextlib import closing
from typing import Annotated, Any

import typer

from deployments.cli.output import AsJson, main_settings, table_of, tell
from domain.errors import Invalid


def ceilings(
    agreement: Annotated[str | None, typer.Argument(help="One agreement alone, by its id.")] = None,
    as_json: AsJson = False,
) -> None:
    """How far this year's ceilings are used: families and shares, by municipality, area and association."""
    import storage.tables  # noqa: F401  # what is counted names rows of other tables
    from domain.text.nearest import nearest
    from domain.working_days import day_of
    from storage.allocation.ceilings import levels_of
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.parties.agreements import in_force

    settings = main_settings()
    today = day_of(clock_of(settings).now())
    with closing(opened_database(settings)) as database, database.snapshot() as session:
        found = in_force(session, on=today)
        if agreement is not None:
            known = {one.id for one in found.values()}
            if agreement not in known:
                near = nearest(agreement, known)
                raise Invalid("agreement", f"{agreement} is not in force{f': did you mean {near}?' if near else ''}")
            found = {id_: one for id_, one in found.items() if one.id == agreement}
        levels, _ = levels_of(session, found, on=today)
    told: list[dict[str, Any]] = [
        {
            "agreement": found[id_].id,
            "version": found[id_].version,
            "ceiling of": level.limit.code,
            "for": level.limit.of,
            "used": level.used,
            "ceiling": level.ceiling,
            "left": max(0, level.ceiling - level.used),
        }
        for id_, some in levels.items()
        for level in some
    ]
    rows = [(f"{one['agreement']} {one['version']}", *list(one.values())[2:]) for one in told]
    names = ("agreement", "ceiling of", "for", "used", "ceiling", "left")
    table = table_of(rows, *names, title=f"{today.year}, as of {today}: moved in this year or on the way")
    tell({"year": today.year, "ceilings": told}, as_json, table if told else "No yearly ceiling is agreed for today.")

"""The command line for housing areas: `tilflyt areas`. What unknown names mean, and where addresses lie."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, out, problems, table_of, tell
from deployments.files import text_of
from domain.errors import Invalid

areas_app = typer.Typer(
    help="What names of housing areas mean: no listed area receives anybody, and an unknown name is asked about.",
    no_args_is_help=True,
)
Municipality = Annotated[str, typer.Argument(help="The municipality's four-digit code.")]
Name = Annotated[str, typer.Argument(help="The name as it is written; case, space and accents do not matter.")]
ADDRESS_COLUMNS = ["dar_address_id", "municipality_code", "area"]


@areas_app.command("list")
def list_(
    also_said: Annotated[bool, typer.Option("--all", help="Also the names that somebody explained.")] = False,
    as_json: AsJson = False,
) -> None:
    """The names that wait for a person, oldest first. The homes that have them are suggested to nobody."""
    from storage.areas.area_names import names_asked_about
    from storage.installation import opened_database

    with opened_database(main_settings()).reading() as session:
        rows = [
            {
                "municipality": row.municipality,
                "name": row.called,
                "written by": row.asked_by,
                "since": row.asked_at.isoformat(timespec="minutes"),
                "means": (area or "no listed area") if row.said_at else "",
                "said by": row.said_by or "",
            }
            for row, area in names_asked_about(session, also_said=also_said)
        ]
    names = ("municipality", "name", "written by", "since", "means", "said by")
    tell(rows, as_json, table_of([list(row.values()) for row in rows], *names, title=f"{len(rows)} names"))


@areas_app.command()
def departments(as_json: AsJson = False) -> None:
    """Departments whose own name puts their homes in an area; correct a wrong one with `none`."""
    from storage.areas.places import Area
    from storage.installation import opened_database
    from storage.operations.awaited_areas import departments_in_areas

    with opened_database(main_settings()).reading() as session:
        rows = []
        for municipality, association, department, area_id in departments_in_areas(session):
            area = session.get_one(Area, area_id).name if area_id is not None else "one of several: held back"
            rows.append(
                {"municipality": municipality, "association": association, "department": department, "area": area}
            )
    names = ("municipality", "association", "department", "area")
    tell(rows, as_json, table_of([list(row.values()) for row in rows], *names, title=f"{len(rows)} departments"))


@areas_app.command("is")
def is_(municipality: Municipality, name: Name, area: str, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """From now on, a name means this area: `tilflyt areas is 0461 "Vollsmose Nord" Vollsmose`."""
    _said(municipality, name, area, by, as_json)


@areas_app.command("none")
def none(municipality: Municipality, name: Name, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """From now on, a name means no listed area, and its homes are suggested."""
    _said(municipality, name, None, by, as_json)


def _said(municipality: str, name: str, area: str | None, by: str, as_json: bool) -> None:
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.areas import say_what_area

    settings = main_settings()
    now = clock_of(settings).now()
    carry_out(opened_database(settings), say_what_area, municipality, name, area, by=by, now=now)
    told = {"municipality": municipality, "name": name, "means": area}
    tell(told, as_json, f"{municipality}: {name} means {area or 'no listed area'}.")


@areas_app.command()
def left(
    reference: Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")],
    area: Annotated[str, typer.Argument(help="The area; empty for no listed one.")],
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Say which area a family leaves, where its flag was unclear: look in the case system."""
    from deployments.cli.families.looking import case_of
    from storage.columns import id_of
    from storage.staff.areas import say_left_area
    from tasks.platform import current

    main_settings()
    platform = current()
    referral = case_of(platform.database, reference)
    named = area.strip() or None
    carry_out(platform.database, say_left_area, id_of(referral), named, by=by, now=platform.now())
    tell({"case": reference, "left": area}, as_json, f"{reference} leaves {area or 'no listed area'}.")


@areas_app.command()
def addresses(
    file: Annotated[Path, typer.Argument(help=f"A CSV file in UTF-8 with the columns {', '.join(ADDRESS_COLUMNS)}.")],
    by: By = COMMAND_LINE,
) -> None:
    """Load the address list; it decides before any name, and takes the place of the one that was there."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.areas import remember_addresses

    settings = main_settings()
    database = opened_database(settings)
    table = csv.DictReader(text_of(file).splitlines(keepends=True))
    if table.fieldnames is None or not {*ADDRESS_COLUMNS} <= {*table.fieldnames}:
        raise Invalid("columns", f"must be {', '.join(ADDRESS_COLUMNS)}")
    rows = [tuple(row[column] or "" for column in ADDRESS_COLUMNS) for row in table]
    listed, now = [(row[0], row[1], row[2]) for row in rows], clock_of(settings).now()
    count, faults = carry_out(database, remember_addresses, listed, by=by, now=now)
    for fault in faults[:20]:
        problems.print(str(fault))
    if faults:
        problems.print(f"{len(faults)} rows are wrong; nothing was loaded.")
        raise typer.Exit(1)
    out.print(f"{count} addresses are listed.")

"""The command line for a family's consent: `tilflyt consent`."""

from datetime import datetime
from typing import Annotated

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.output import AsJson, By, main_settings, out, table_of, tell
from domain.referrals.consent import ChildrenHeard, ConsentGiven, ConsentWithdrawn

consent_app = typer.Typer(
    help="A family's consent: see it, renew it, and record that it was withdrawn.", no_args_is_help=True
)
Reference = Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")]


@consent_app.command()
def show(reference: Reference, as_json: AsJson = False) -> None:
    """Show what a family has consented to, how, until when, and how it was withdrawn."""
    from deployments.cli.families.looking import case_of
    from storage.columns import id_of
    from storage.installation import opened_database
    from storage.privacy.consents import consents_of

    database = opened_database(main_settings())
    referral = case_of(database, reference)
    with database.reading() as session:
        found = [one.model_dump(exclude={"id", "referral_id"}) for one in consents_of(session, id_of(referral))]
    rows = [
        (
            f"{one['given_on']} to {one['given_to']}",
            one["how"] or "not asked",
            one["children"] or "not asked",
            one["ends_on"],
            f"{one['withdrawn_at']:%Y-%m-%d %H:%M} {one['withdrawn']}" if one["withdrawn_at"] else "–",
        )
        for one in found
    ]
    tell(found, as_json, table_of(rows, "given", "how", "children", "until", "withdrawn", title=reference))


@consent_app.command()
def renew(  # noqa: PLR0917  # a command's options
    reference: Reference,
    given_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it was given.")],
    given_to: Annotated[str, typer.Option(help="Whom at work it was given to: their id in the party's file.")],
    how: Annotated[ConsentGiven, typer.Option(help="How it was given.")],
    children: Annotated[ChildrenHeard, typer.Option(help="Whether the children were heard, or why not.")],
    ends_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day; else a year.")] = None,
    by: By = COMMAND_LINE,
) -> None:
    """Record that a family has consented anew, before its consent ends."""
    from domain.referrals.consent import Consent, ends_by_itself
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.families import consents

    settings = main_settings()
    day = given_on.date()
    consent = Consent(day, given_to, how, children, ends_on.date() if ends_on else ends_by_itself(day))
    now = clock_of(settings).now()
    carry_out(opened_database(settings), consents.renew, reference, consent, by=by, now=now)
    out.print(f"The consent of {reference} holds until {consent.ends_on}.")


@consent_app.command()
def withdraw(
    reference: Reference,
    how: Annotated[ConsentWithdrawn, typer.Option(help="How it reached us: letter, phone or in_person.")],
    by: By = COMMAND_LINE,
) -> None:
    """Record that a family has withdrawn its consent; the path stops its case within one run."""
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.families import consents

    settings = main_settings()
    now = clock_of(settings).now()
    carry_out(opened_database(settings), consents.withdraw, reference, how, by=by, now=now)
    out.print(f"The consent is withdrawn, and {reference} will be stopped.")

"""The command line for a family's consent: `tilflyt consent`."""

from datetime import datetime
from typing import Annotated

import typer

from deployments.acting import COMMAND_LINE
from deployments.telling import AsJson, By, main_settings, out, table_of, tell
from domain.consent import ChildrenHeard, ConsentGiven, ConsentWithdrawn
from domain.errors import Invalid

consent_app = typer.Typer(
    help="A family's consent: see it, renew it, and record that it was withdrawn.", no_args_is_help=True
)
Reference = Annotated[str, typer.Argument(help="The case reference, TF-2026-00042.")]
# As it reaches us; from the case system and the page it comes by itself.
BY_HAND = (ConsentWithdrawn.LETTER, ConsentWithdrawn.PHONE, ConsentWithdrawn.IN_PERSON)


@consent_app.command()
def show(reference: Reference, as_json: AsJson = False) -> None:
    """Show what a family has consented to, how, until when, and how it was withdrawn."""
    from deployments.looking import case_of
    from storage.consents import consents_of
    from storage.installation import opened_database

    database = opened_database(main_settings())
    referral = case_of(database, reference)
    with database.reading() as session:
        found = [one.model_dump(exclude={"id", "referral_id"}) for one in consents_of(session, referral.id or 0)]
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
    from deployments.looking import case_of
    from domain import party
    from domain.consent import Consent, ConsentStanding, ends_by_itself, standing
    from domain.lifecycle import WITHDRAWABLE
    from domain.working_days import COPENHAGEN
    from storage.attention import close_subject
    from storage.clock import clock_of
    from storage.consents import record_consent
    from storage.installation import opened_database
    from storage.parties import partner
    from storage.referrals import lock

    settings = main_settings()
    database, now = opened_database(settings), clock_of(settings).now()
    day, today = given_on.date(), now.astimezone(COPENHAGEN).date()
    consent = Consent(day, given_to, how, children, ends_on.date() if ends_on else ends_by_itself(day))
    if day > today:
        raise Invalid("given_on", "in the future")
    if standing(consent.ends_on, today=today) is ConsentStanding.ENDED:
        raise Invalid("ends_on", "in the past")
    seen = case_of(database, reference)
    with database.writing() as session:
        # Held, so that no withdrawal comes in between.
        referral = lock(session, seen.id or 0) or seen
        if referral.status not in WITHDRAWABLE or referral.stop_requested is not None:
            raise Invalid("reference", f"the case is {referral.status}, or about to be stopped: no consent is needed")
        if partner(session, party.municipality(referral.sending_municipality)).contact(given_to) is None:
            raise Invalid("given_to", "nobody in the sending municipality's file")
        record_consent(session, referral.id or 0, consent, by=by, now=now)
        close_subject(session, f"consent:{reference}", now=now, by=by)
    out.print(f"The consent of {reference} holds until {consent.ends_on}.")


@consent_app.command()
def withdraw(
    reference: Reference,
    how: Annotated[ConsentWithdrawn, typer.Option(help="How it reached us: letter, phone or in_person.")],
    by: By = COMMAND_LINE,
) -> None:
    """Record that a family has withdrawn its consent; the path stops its case within one run."""
    from deployments.looking import case_of
    from domain.lifecycle import WITHDRAWABLE
    from storage.clock import clock_of
    from storage.consents import withdraw_consent
    from storage.installation import opened_database

    if how not in BY_HAND:
        raise Invalid("how", "one of letter, phone, in_person")
    settings = main_settings()
    database = opened_database(settings)
    referral = case_of(database, reference)
    if referral.status not in WITHDRAWABLE:
        raise Invalid("reference", f"the case is {referral.status}: its lease is signed, or it is over")
    with database.writing() as session:
        withdraw_consent(session, referral.id or 0, how, by=by, now=clock_of(settings).now())
    out.print(f"The consent is withdrawn, and {reference} will be stopped.")

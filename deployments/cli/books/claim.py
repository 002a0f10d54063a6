"""The command line for claims under an agreement's guarantees: `tilflyt claim`."""

from contextlib import closing
from datetime import datetime
from typing import Annotated, Any

import typer

from deployments.cli.actor import COMMAND_LINE, carry_out
from deployments.cli.books.settlement import kroner
from deployments.cli.output import AsJson, By, main_settings, table_of, tell

claim_app = typer.Typer(
    help="Claims under an agreement's guarantees: what a party claims, by which evidence, and what was answered.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="A claim, such as TF-2026-00042/refurbishment_guarantee/1.")]


@claim_app.command()
def make(  # noqa: PLR0917  # a command's options
    reference: Annotated[str, typer.Argument(help="The case's reference.")],
    rule: Annotated[str, typer.Argument(help="The guarantee, as the agreement names it.")],
    amount_ore: Annotated[int, typer.Argument(help="What is claimed, in øre.")],
    claimant: Annotated[str, typer.Option(help="Who claims, such as association:havblik.")],
    evidence_number: Annotated[str, typer.Option(help="The document's number at the claimant. No text, no names.")],
    evidence_digest: Annotated[str, typer.Option(help="The document's SHA-256, as sha256sum prints it.")],
    evidence_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The document's day.")],
    key: Annotated[str, typer.Option(help="The claimant's key for the claim; the document's number if unsaid.")] = "",
    by: By = COMMAND_LINE,
    as_json: AsJson = False,
) -> None:
    """Put a claim to the municipality that pays. Made again under the same key, it stays one claim."""
    import storage.tables  # noqa: F401  # a claim names rows of other tables
    from domain.books.claims import Evidence, GuaranteeClaim
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.claims import make_claim

    settings = main_settings()
    evidence = Evidence(evidence_number, evidence_digest, evidence_on.date())
    claimed = GuaranteeClaim(claimant, rule, amount_ore, evidence, key or evidence_number)
    with closing(opened_database(settings)) as database:
        claim, new = carry_out(database, make_claim, reference, claimed, by=by, now=clock_of(settings).now())
        with database.snapshot() as session:
            told = _told(session, claim)
    said = "is claimed" if new else f"was claimed before and is {told['standing']}"
    tell(told | {"newly": new}, as_json, f"{told['claim']} {said}: {_money(told)}")


@claim_app.command("list")
def list_(
    reference: Annotated[str | None, typer.Option("--case", help="One case alone, by its reference.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every claim with its evidence, what is left of its guarantee's cap beside the others, and where it rests."""
    import storage.tables  # noqa: F401  # a claim names rows of other tables
    from storage.installation import opened_database
    from storage.staff.claims import all_claims

    with closing(opened_database(main_settings())) as database, database.snapshot() as session:
        told = [_told(session, one) for one in all_claims(session, reference)]
    names = ("claim", "claimant", "kr.", "left for it", "evidence", "of", "standing", "why")
    rows = [
        (
            one["claim"],
            one["claimant"],
            kroner(one["amount_ore"]),
            kroner(one["left_ore"]),
            one["evidence_number"],
            one["evidence_on"],
            one["standing"],
            one["reason"] or "",
        )
        for one in told
    ]
    tell(told, as_json, table_of(rows, *names))


@claim_app.command()
def withdraw(name: Name, by: By = COMMAND_LINE, as_json: AsJson = False) -> None:
    """Withdraw a claim that the paying municipality has not answered yet."""
    import storage.tables  # noqa: F401  # a claim names rows of other tables
    from storage.clock import clock_of
    from storage.installation import opened_database
    from storage.staff.claims import withdraw_claim

    settings = main_settings()
    with closing(opened_database(settings)) as database:
        new = carry_out(database, withdraw_claim, name, by=by, now=clock_of(settings).now())
    said = f"{name} is withdrawn." if new else f"{name} was withdrawn before."
    tell({"claim": name, "newly": new}, as_json, said)


def _told(session: Any, claim: Any) -> dict[str, Any]:  # noqa: ANN401  # imported where they are needed
    from storage.books.claims import answers_to_claim, standing_of_claim
    from storage.books.guarantees import claim_name, room_for

    room, answers = room_for(session, claim), answers_to_claim(session, claim)
    return {
        "claim": claim_name(session, claim),
        "claimant": claim.claimant,
        "key": claim.key,
        "amount_ore": claim.amount_ore,
        "cap_ore": room.cap_ore,
        "left_ore": room.left_ore,
        "evidence_number": claim.evidence_number,
        "evidence_digest": claim.evidence_digest,
        "evidence_on": claim.evidence_on.isoformat(),
        "claimed_at": claim.claimed_at.isoformat(),
        "claimed_by": claim.claimed_by,
        "standing": standing_of_claim(session, claim),
        "reason": next((one.reason for one in answers if one.reason), None),
        "answers": [
            {"answer": one.answer, "by": one.answered_by, "at": one.answered_at.isoformat()} for one in answers
        ],
    }


def _money(told: dict[str, Any]) -> str:
    left = kroner(told["left_ore"])
    return f"{kroner(told['amount_ore'])} kr., of {left} kr. that are left of its guarantee for it"

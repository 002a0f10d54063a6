"""What finance people do in the demo: one corrects a rejected posting, another claims repairs under a guarantee."""

from collections.abc import Callable
from hashlib import sha256

from sqlmodel import Session

from deployments.demo.stage import Stage
from deployments.progress import until
from domain.books.booking import BookingKind
from domain.books.bookkeeping.posting_life import PostingState
from domain.books.claims import ClaimStanding, guarantee_called
from domain.parties.party import association
from domain.working_days import day_of
from storage.books.claims import claims_that_wait, standing_of_claim
from storage.books.guarantees import Guaranteed, guaranteed
from storage.books.settlements import settled_months, statement_of
from storage.books.verdict import housed
from storage.staff.claims import all_claims
from storage.staff.postings import postings

REJECTS, WHY_REJECTED = "0450", "account_unknown"
ACCOUNT_STRING = "5.33.41.4"
GUARANTEE, CLAIMED_ORE = "refurbishment_guarantee", 645_000
# An invented invoice: the document stays at the association.
INVOICE, DIGEST = "F-2026-0117", sha256(b"Faktura F-2026-0117 (opdigtet): gulv i to rum").hexdigest()


def reject_one_posting(stage: Stage) -> None:
    """Have a finance system reject the next posting that it gets."""
    stage.order(f"finance/{REJECTS}", {"rejects": [WHY_REJECTED]})


def correct_postings(stage: Stage, tell: Callable[[str], None]) -> None:
    """Name the account of what was rejected, from the command line."""
    with stage.database.reading() as session:
        rejected = [one for one in postings(session) if one.known and one.known.state is PostingState.REJECTED]
    for one in rejected:
        tell(f"{one.row.addressee} rejected {one.posting.booking}: its finance department corrects it.")
        words = (str(one.row.id), "--account-string", ACCOUNT_STRING, "--by", "Regnskab")
        stage.processes.carry_out("posting-correct", "deployments.cli.main", "posting", "correct", *words)


def claim_repairs(stage: Stage, tell: Callable[[str], None]) -> None:
    """Have a housing association claim repairs in the home of the first family that has a guarantee."""
    with stage.database.reading() as session:
        found = _first_guaranteed(session)
        reference, claimant = found.referral.reference, association(found.moved_in.association)
    tell(f"{claimant} claims repairs for {reference}: two people of the municipality that pays are asked.")
    on = day_of(stage.clock.now()).isoformat()
    evidence = ("--evidence-number", INVOICE, "--evidence-digest", DIGEST, "--evidence-on", on)
    claimed = ("claim", "make", reference, GUARANTEE, str(CLAIMED_ORE), "--claimant", claimant)
    stage.processes.carry_out("claim-make", "deployments.cli.main", *claimed, *evidence, "--by", "Regnskab")


def _first_guaranteed(session: Session) -> Guaranteed:
    moved_in = (guaranteed(session, referral) for referral, _ in housed(session))
    return next(one for one in moved_in if one and guarantee_called(one.terms, GUARANTEE, moved_in_on=one.moved_in.on))


def until_claims_are_answered(stage: Stage, people_act: Callable[[], None]) -> None:
    """Have people read and answer until no claim waits for an answer."""

    def answered() -> bool:
        with stage.database.reading() as session:
            if not claims_that_wait(session):
                return True
        people_act()
        return False

    until(answered, moves=lambda: "a claim waits for an answer")


def claim_is_settled(session: Session) -> bool:
    """Whether the claim is accepted, which takes two people, and stands once on its claimant's statement."""
    claims, months = all_claims(session), settled_months(session)
    if len(claims) != 1 or not months or standing_of_claim(session, claims[0]) is not ClaimStanding.ACCEPTED:
        return False
    lines = statement_of(session, months[-1], claims[0].claimant).lines
    return [one.amount_ore for one in lines if one.kind is BookingKind.CLAIM] == [CLAIMED_ORE]

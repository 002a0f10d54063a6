"""Two families housed under an agreement with guarantees, and claims for them."""

from dataclasses import replace
from datetime import date, timedelta

from sqlmodel import col, select

from domain.books.claims import ClaimStanding, Evidence, GuaranteeClaim
from domain.parties.compensation.parts import ArrearsGuarantee, MoveOut, RefurbishmentGuarantee
from domain.questions.question import Answer, Reply, Standing
from domain.working_days import day_of
from storage.books.claims import standing_of_claim
from storage.books.guarantees import claim_called
from storage.books.ledger import Booking
from storage.books.verdict import book_differences
from storage.columns import id_of
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.questions.answers import record_answer
from storage.questions.questions import Question
from storage.staff.claims import make_claim
from tasks.books.answers import hear_parties
from tasks.books.claims import ask_about_claims
from tests.storage.books.model import BOTH, MODEL, TO_BOTH
from tests.world.families import family
from tests.world.world import World

REFERENCE, RULE = "TF-2026-00001", "refurbishment_guarantee"
NAME = f"{REFERENCE}/{RULE}/1"
FIRST, SECOND = "municipality:0461/oekonomi-1", "municipality:0461/koordinator-1"
GUARANTEES = replace(
    MODEL,
    parts=(
        *MODEL.parts,
        RefurbishmentGuarantee(cap_ore=6_000_000, claimed_within_days=365, paid_by=BOTH),
        ArrearsGuarantee(cap_ore=1_000_001, paid_to=TO_BOTH),
        RefurbishmentGuarantee(
            name="until_moved_out", cap_ore=900_000, claimed_within_days=365, move_out=MoveOut.EARNED_BY_DAY
        ),
    ),
)


def guaranteed_families(world: World) -> None:
    with world.platform.database.writing() as session:
        kept = session.exec(select(AgreementVersion).where(AgreementVersion.agreement_id == "fyn")).one()
        agreement = replace(AGREEMENTS.validate_json(kept.document), version=2, compensation=GUARANTEES)
        remember_agreement(session, agreement, now=world.clock.now())
    for number in (1, 2):
        world.home()
        world.flag(family(number))
        world.housed()
    days_pass(world, 30)


def days_pass(world: World, days: int) -> None:
    world.clock.move_on(timedelta(days=days))
    world.settle()


def claim(number: int = 1, *, rule: str = RULE, ore: int = 1_000_000, on: date = date(2026, 3, 20)) -> GuaranteeClaim:
    """A claim of the housing department's association by the document of a number."""
    evidence = Evidence(f"F-{number}", f"{number:064x}", on)
    return GuaranteeClaim("association:havblik", rule, ore, evidence, f"F-{number}")


def made(world: World, *claims: GuaranteeClaim, reference: str = REFERENCE) -> list[bool]:
    """Make claims one after another: which of them were new."""
    found = []
    for one in claims:
        with world.platform.database.writing() as session:
            found.append(make_claim(session, reference, one, by="Havblik", now=world.clock.now())[1])
    return found


def waits(world: World, name: str = NAME) -> Question | None:
    """The question about a claim that waits for its answer, once nobody is left to be asked."""
    ask_about_claims(world.platform)
    query = select(Question).where(Question.subject == f"claim:{name}", Question.standing == Standing.OPEN)
    return next(iter(world.rows(query)), None)


def answered(world: World, name: str = NAME, *, no: str | None = None, heard: bool = True) -> ClaimStanding:
    """The person asked about a claim says yes, or no for a reason: where it rests then."""
    question = waits(world, name)
    assert question is not None
    reply = Reply(Answer.NO, no) if no else Reply(Answer.YES)
    with world.platform.database.writing() as session:
        assert record_answer(session, id_of(question), reply, referral_id=None, now=world.clock.now())
    if heard:
        hear_parties(world.platform)
    return rests(world, name)


def rests(world: World, name: str = NAME) -> ClaimStanding:
    with world.platform.database.reading() as session:
        claim = claim_called(session, name)
        assert claim is not None
        return standing_of_claim(session, claim)


def accepted(world: World, name: str = NAME) -> None:
    assert answered(world, name) is ClaimStanding.CONFIRMED
    assert answered(world, name) is ClaimStanding.ACCEPTED
    world.settle()


def booked_claims(world: World) -> list[tuple[str, str, int]]:
    """What is booked for claims, with what was turned back and earned of it."""
    rules = [one.rule for one in GUARANTEES.parts[-3:]]
    rows = world.rows(select(Booking).where(col(Booking.rule).in_(rules)).order_by(col(Booking.id)))
    return [(row.kind.value, row.rule, row.period) for row in rows]


def wrong_in_the_books(world: World) -> list[str]:
    with world.platform.database.reading() as session:
        return [
            f"{one.reference} {one.difference.fault} {one.difference.kind}"
            for one in book_differences(session, now=world.clock.now())
        ]


def today(world: World) -> date:
    return day_of(world.clock.now())

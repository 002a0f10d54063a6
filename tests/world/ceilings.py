"""An agreement with yearly ceilings."""

from dataclasses import replace

from sqlmodel import col, select

from deployments.cli.families.looking import attention_list
from domain.parties.ceilings.agreed import Ceilings, FamiliesCeiling
from domain.questions.question import Answer, QuestionKind
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from tests.world.families import family
from tests.world.world import World

SECOND = "TF-2026-00002"
ONE_EACH = {"families": (FamiliesCeiling(at_most=1),)}


def agree_on(world: World, **ceilings: object) -> None:
    """Families of Odense from now on under these ceilings."""
    with world.platform.database.writing() as session:
        query = select(AgreementVersion).where(AgreementVersion.agreement_id == "fyn")
        kept = session.exec(query.order_by(col(AgreementVersion.version).desc())).first()
        agreement = AGREEMENTS.validate_json(kept.document)
        changed = replace(agreement, version=agreement.version + 1, ceilings=Ceilings(**ceilings))
        remember_agreement(session, changed, now=world.clock.now())


def offered_under_a_ceiling(world: World) -> None:
    """Two families are offered homes while there is room for one; then it falls through, and the other is looked at."""
    agree_on(world, families=(FamiliesCeiling(at_most=1),))
    for _ in range(2):
        world.home()
    world.flag(family(1), family(2))
    world.until(QuestionKind.OFFER)
    while world.questions(QuestionKind.OFFER):
        world.answer(QuestionKind.OFFER)
    world.settle()
    world.answer(QuestionKind.APPROVAL, Answer.NO, "area_under_pressure")
    world.settle()


def flagged(world: World, number: int) -> None:
    """Another family that seeks a home."""
    world.flag(family(number))
    world.settle()
    world.answer(QuestionKind.SIGN_OFF)
    world.settle()


def first_on_its_way(world: World, **ceilings: object) -> None:
    """One family has a home that its municipality is asked about, and another seeks one."""
    agree_on(world, **ceilings)
    world.home()
    world.flag(family())
    world.until(QuestionKind.APPROVAL)
    world.home()
    flagged(world, 2)


def codes(world: World) -> list[tuple[str, str]]:
    """What stands on the attention list about which case."""
    return [(item["case"], item["why"]) for item in attention_list(world.platform.database)]

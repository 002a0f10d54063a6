"""Later versions of the demo's agreement on Funen, brought into a world."""

from dataclasses import replace
from datetime import date

from sqlmodel import Session, select

from domain.parties.agreement import Agreement
from domain.parties.compensation.model import CompensationTerms
from domain.questions.question import QuestionKind
from storage.columns import id_of
from storage.parties.agreements import AGREEMENTS, AgreementVersion, agreement_of, remember_agreement
from tests.world.families import family
from tests.world.world import World

REFERENCE = "TF-2026-00001"
DEARER = CompensationTerms(6_000_000, 1_000_000, reversed_within_days=90)


def funen(world: World) -> Agreement:
    """The agreement on Funen in its first version."""
    query = select(AgreementVersion).where(AgreementVersion.agreement_id == "fyn", AgreementVersion.version == 1)
    return AGREEMENTS.validate_json(world.rows(query)[0].document)


def second_version(world: World, *, version: int = 2, days: int = 9, **changes: object) -> int:
    """A version of the agreement on Funen that pays more and gives families other days to answer; its row's id."""
    first = funen(world)
    route = tuple(
        replace(step, answer_within_days=days) if step.kind is QuestionKind.ACCEPTANCE else step for step in first.route
    )
    new = replace(first, version=version, route=route, compensation=DEARER, valid_from=date(2026, 2, 1))
    with world.platform.database.writing() as session:
        return _remembered(session, replace(new, **changes), world)


def _remembered(session: Session, agreement: Agreement, world: World) -> int:
    remember_agreement(session, agreement, now=world.clock.now())
    query = select(AgreementVersion).where(
        AgreementVersion.agreement_id == agreement.id, AgreementVersion.version == agreement.version
    )
    return id_of(session.exec(query).one())


def version_of(world: World, reference: str = REFERENCE) -> int:
    """The version under which a case is."""
    with world.platform.database.reading() as session:
        return agreement_of(session, world.referral(reference).agreement_version_id).version


def asked(world: World, kind: QuestionKind) -> None:
    """A family for which everybody has said yes to all questions before this one."""
    world.home()
    world.flag(family())
    world.until(kind)

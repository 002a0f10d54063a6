"""Each order that a route may have, and a world whose families are flagged under it."""

from dataclasses import dataclass, replace

from sqlmodel import select

from domain.parties.agreement import Agreement
from domain.parties.route import ROUTE
from domain.questions.question import QuestionKind
from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from tests.world.world import World


@dataclass(frozen=True)
class Order:
    """An order of the questions, and whether the agreement says that one person decides."""

    name: str
    kinds: tuple[QuestionKind, ...]

    @property
    def alone(self) -> bool:
        return QuestionKind.SIGN_OFF not in self.kinds

    @property
    def family_first(self) -> bool:
        return self.kinds.index(QuestionKind.ACCEPTANCE) < self.kinds.index(QuestionKind.APPROVAL)

    def of(self, agreement: Agreement) -> Agreement:
        """The same agreement with its route in this order, as its next version."""
        route = tuple(agreement.step(kind) for kind in self.kinds)
        return replace(agreement, version=agreement.version + 1, route=route, one_person_decides=self.alone)

    def __str__(self) -> str:
        return self.name


_FAMILY_FIRST = (
    QuestionKind.SIGN_OFF,
    QuestionKind.OFFER,
    QuestionKind.ACCEPTANCE,
    QuestionKind.APPROVAL,
    QuestionKind.MOVE_IN,
)
USUAL, FAMILY_FIRST = Order("as usual", ROUTE), Order("the family first", _FAMILY_FIRST)
ALONE, ALONE_AND_FAMILY_FIRST = (
    Order("one person", ROUTE[1:]),
    Order("one person and the family first", _FAMILY_FIRST[1:]),
)
ORDERS = (USUAL, FAMILY_FIRST, ALONE, ALONE_AND_FAMILY_FIRST)


def agree_on(world: World, order: Order, *, minutes: int = 0) -> None:
    """Have families flagged from now on under agreements in this order, disclosed some minutes after the last yes."""
    with world.platform.database.writing() as session:
        for kept in session.exec(select(AgreementVersion)).all():
            newer = order.of(AGREEMENTS.validate_json(kept.document))
            newer = replace(newer, disclosure_after_minutes=minutes)
            remember_agreement(session, newer, now=world.clock.now())
    world.order = order.kinds

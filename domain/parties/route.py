"""Which orders of its steps a route may have, and why another is refused."""

from collections.abc import Callable, Iterator, Sequence

from domain.questions.question import QuestionKind

# The usual order, and every kind of question that may stand on a route. Other kinds are asked outside it.
ROUTE = (
    QuestionKind.SIGN_OFF,
    QuestionKind.OFFER,
    QuestionKind.APPROVAL,
    QuestionKind.ACCEPTANCE,
    QuestionKind.MOVE_IN,
)
YESES = (QuestionKind.APPROVAL, QuestionKind.ACCEPTANCE)
Order = Sequence[QuestionKind]


def _once_each(order: Order, _alone: bool) -> Iterator[str]:
    for kind in dict.fromkeys(order):
        if kind not in ROUTE:
            yield f"route: {kind} is asked outside the route: its step stands in beside"
        elif order.count(kind) > 1:
            yield f"route: {kind} stands twice, and a question of the route is asked once for each home"


def _two_people_or_one(order: Order, alone: bool) -> Iterator[str]:
    if QuestionKind.SIGN_OFF not in order and not alone:
        yield "route: sign_off is missing, and the agreement does not say one_person_decides = true"
    if QuestionKind.SIGN_OFF in order and alone:
        yield "route: sign_off is asked of a second person, and the agreement says one_person_decides = true"


def _both_yeses(order: Order, _alone: bool) -> Iterator[str]:
    if QuestionKind.ACCEPTANCE not in order:
        yield "route: acceptance is missing: no family is moved without its own yes"
    if QuestionKind.APPROVAL not in order:
        yield "route: approval is missing: who a family is would be disclosed without the municipality's yes"


def _has_an_end(order: Order, _alone: bool) -> Iterator[str]:
    if QuestionKind.OFFER not in order:
        yield "route: offer is missing: no home is ever found, and no case comes to its end"
    if QuestionKind.MOVE_IN not in order:
        yield "route: move_in is missing: nobody says that the family has moved in, and no case comes to its end"


def _second_person_first(order: Order, _alone: bool) -> Iterator[str]:
    if QuestionKind.SIGN_OFF in order[1:]:
        yield "route: sign_off must come first: nothing is asked of others before the second person has signed off"


def _home_before_its_yeses(order: Order, _alone: bool) -> Iterator[str]:
    for yes in YESES:
        if _comes_before(order, yes, QuestionKind.OFFER):
            yield f"route: {yes} must come after offer: it is about the home that is offered"


def _told_last(order: Order, _alone: bool) -> Iterator[str]:
    for early in (QuestionKind.OFFER, *YESES):
        if _comes_before(order, QuestionKind.MOVE_IN, early):
            yield f"route: move_in must come after {early}: who the family is is disclosed with it, after every yes"


def _comes_before(order: Order, one: QuestionKind, other: QuestionKind) -> bool:
    return one in order and other in order and order.index(one) < order.index(other)


RULES: tuple[Callable[[Order, bool], Iterator[str]], ...] = (
    _once_each,
    _two_people_or_one,
    _both_yeses,
    _has_an_end,
    _second_person_first,
    _home_before_its_yeses,
    _told_last,
)


def faults_of_order(order: Order, *, one_person_decides: bool) -> list[str]:
    """Every reason why a route's steps cannot come in this order; empty when they can.

    Allowed are the usual order, the family asked before the municipality, and either without the sign-off.
    """
    return [fault for rule in RULES for fault in rule(tuple(order), one_person_decides)]

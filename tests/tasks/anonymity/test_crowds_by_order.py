"""Families under agreements that ask in another order are no crowd for each other: pages tell the orders apart."""

from tasks.anonymity.crowds import as_approved, as_asked
from tests.domain.parties.agreed import AGREEMENT
from tests.world.orders import ORDERS


def test_an_agreement_in_another_order_looks_different_to_an_association_and_to_a_municipality():
    agreements = [order.of(AGREEMENT) for order in ORDERS]
    assert len({as_asked(one) for one in agreements}) == len(ORDERS)
    assert len({as_approved(one) for one in agreements}) == len(ORDERS)

"""What is netted moves nobody's position by an øre, in as few payments as there are parties less one."""

import random
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.books.netting import MOST_ORE, Claim, Payment, Settlement, net_positions, settle
from domain.errors import Invalid

PARTIES = [f"municipality:{code:04d}" for code in range(101, 113)]
AMOUNTS = st.integers(1, 10**12) | st.integers(1, 5)


def claims_among(parties: list[str]) -> st.SearchStrategy[list[Claim]]:
    pairs = st.tuples(st.sampled_from(parties), st.sampled_from(parties)).filter(lambda pair: pair[0] != pair[1])
    return st.lists(st.builds(lambda pair, amount: Claim(*pair, amount), pairs, AMOUNTS), max_size=60)


CLAIMS = claims_among(PARTIES)
OPTED_OUT = st.frozensets(st.sampled_from(PARTIES), max_size=4)


def every(settled: Settlement) -> tuple[Payment, ...]:
    return settled.netted + settled.gross


@given(CLAIMS, OPTED_OUT)
def test_nobodys_position_moves_by_an_ore(claims: list[Claim], opted_out: frozenset[str]):
    settled = settle(claims, opted_out=opted_out)

    assert net_positions(every(settled)) == net_positions(claims)
    assert sum(net_positions(every(settled)).values()) == 0
    assert all(payment.amount_ore > 0 for payment in every(settled))


@given(CLAIMS, OPTED_OUT)
def test_the_netted_part_has_fewer_payments_than_parties_and_nobody_in_it_pays_and_receives(claims, opted_out):
    settled = settle(claims, opted_out=opted_out)
    netting = {one for claim in claims if not {claim.payer, claim.payee} & opted_out for one in _parties(claim)}

    assert len(settled.netted) <= max(len(netting) - 1, 0)
    assert {one.payer for one in settled.netted}.isdisjoint(one.payee for one in settled.netted)
    assert {party for one in settled.netted for party in _parties(one)} <= netting


@given(CLAIMS, OPTED_OUT)
def test_every_claim_of_who_opted_out_is_paid_gross_and_no_other(claims: list[Claim], opted_out: frozenset[str]):
    expected: Counter[tuple[str, str]] = Counter()
    for claim in claims:
        if {claim.payer, claim.payee} & opted_out:
            expected[claim.payer, claim.payee] += claim.amount_ore

    settled = settle(claims, opted_out=opted_out)

    assert {(one.payer, one.payee): one.amount_ore for one in settled.gross} == expected
    assert len(settled.gross) == len(expected)


@given(CLAIMS, OPTED_OUT, st.randoms(use_true_random=False))
@example([Claim("a", "b", 1), Claim("c", "d", 1)], frozenset(), random.Random(0))
def test_the_same_claims_in_another_order_give_the_same_payments(claims, opted_out, chance: random.Random):
    assert settle(chance.sample(claims, len(claims)), opted_out=opted_out) == settle(claims, opted_out=opted_out)


A, B, C, D = "a", "b", "c", "d"


@pytest.mark.parametrize(
    ("claims", "opted_out", "netted", "gross"),
    [
        pytest.param([], set(), [], [], id="nobody"),
        pytest.param([Claim(A, B, 5)], set(), [Payment(A, B, 5)], [], id="one pair"),
        pytest.param([Claim(A, B, 5), Claim(B, A, 3)], set(), [Payment(A, B, 2)], [], id="one pair, both ways"),
        pytest.param([Claim(A, B, 7), Claim(B, C, 7), Claim(C, A, 7)], set(), [], [], id="a circle at zero"),
        pytest.param([Claim(A, B, 7), Claim(B, C, 7)], set(), [Payment(A, C, 7)], [], id="who stands between pays not"),
        pytest.param(
            [Claim(A, C, 1), Claim(B, D, 1)], set(), [Payment(A, C, 1), Payment(B, D, 1)], [], id="equal ones by name"
        ),
        pytest.param(
            [Claim(A, C, 2), Claim(B, D, 9)], set(), [Payment(A, C, 2), Payment(B, D, 9)], [], id="the largest first"
        ),
        pytest.param(
            [Claim(A, B, 5), Claim(B, A, 3)],
            {A},
            [],
            [Payment(A, B, 5), Payment(B, A, 3)],
            id="gross is not set off",
        ),
        pytest.param(
            [Claim(A, B, 5), Claim(A, B, 6)], {B}, [], [Payment(A, B, 11)], id="gross is one payment for a pair"
        ),
        pytest.param(
            [Claim(A, B, 5), Claim(B, C, 5)],
            {C},
            [Payment(A, B, 5)],
            [Payment(B, C, 5)],
            id="a claim of one who opted out nets with nothing",
        ),
        pytest.param([Claim(A, B, 5)], {D}, [Payment(A, B, 5)], [], id="who opted out and owes nothing"),
        pytest.param([Claim(A, B, MOST_ORE)], set(), [Payment(A, B, MOST_ORE)], [], id="as much as there is"),
        pytest.param(
            [Claim(A, B, MOST_ORE), Claim(C, B, MOST_ORE), Claim(B, D, MOST_ORE)],
            set(),
            [Payment(A, B, MOST_ORE), Payment(C, D, MOST_ORE)],
            [],
            id="more than there is, but for a moment",
        ),
    ],
)
def test_who_pays_whom(claims, opted_out, netted, gross):
    assert settle(claims, opted_out=opted_out) == Settlement(tuple(netted), tuple(gross))


@pytest.mark.parametrize(
    ("claims", "opted_out", "field", "reason"),
    [
        ([Claim(A, B, 0)], set(), "claims[0].amount_ore", "above zero"),
        ([Claim(A, B, 1), Claim(A, B, -1)], set(), "claims[1].amount_ore", "above zero"),
        ([Claim(A, B, True)], set(), "claims[0].amount_ore", "whole øre"),
        ([Claim(A, B, 1.0)], set(), "claims[0].amount_ore", "whole øre"),
        ([Claim("", B, 1)], set(), "claims[0].payer", "name a party"),
        ([Claim(A, "", 1)], set(), "claims[0].payee", "name a party"),
        ([Claim(A, A, 1)], set(), "claims[0].payee", "the payer too"),
        ([Claim(A, B, MOST_ORE + 1)], set(), "claims[0].amount_ore", "64 bits"),
        ([Claim(A, B, MOST_ORE), Claim(A, C, 1)], set(), "net position of a", "64 bits"),
        ([Claim(A, B, MOST_ORE), Claim(C, B, 1)], set(), "net position of b", "64 bits"),
        ([Claim(A, B, MOST_ORE), Claim(A, B, 1)], {A}, "payment of a to b", "64 bits"),
    ],
)
def test_what_is_no_claim_or_does_not_fit_is_refused_by_field_and_reason(claims, opted_out, field, reason):
    with pytest.raises(Invalid) as refused:
        settle(claims, opted_out=opted_out)
    assert refused.value.field == field
    assert reason in refused.value.reason


def test_all_of_denmark_in_a_month_makes_at_most_97_payments():
    chance = random.Random(19)
    municipalities = [f"municipality:{number:04d}" for number in range(98)]
    claims = [Claim(*chance.sample(municipalities, 2), chance.randrange(1, 10**8)) for _ in range(50_000)]

    settled = settle(claims)

    assert len(settled.netted) <= 97
    assert net_positions(settled.netted) == net_positions(claims)


def _parties(one: Claim | Payment) -> tuple[str, str]:
    return one.payer, one.payee

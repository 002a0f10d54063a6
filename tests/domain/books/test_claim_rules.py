"""Claims under a guarantee: who may claim what, until which day, up to what is left, and what is booked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.accounts import department_account, fund_account, municipality_account, rounding_account
from domain.books.booking import BookingKind, Entry
from domain.books.claims import (
    Evidence,
    GuaranteeClaim,
    charge_of_claim,
    faults_of_claim,
    guarantee_called,
    paying_municipality,
    room_of,
)
from domain.parties.compensation.model import Compensation, CompensationModel, CompensationTerms, Indexation
from domain.parties.compensation.parts import (
    ArrearsGuarantee,
    DepositLoan,
    MoveOut,
    Payee,
    PayeeShare,
    Payer,
    PayerShare,
    Reception,
    RefurbishmentGuarantee,
)
from tests.domain.books.models import MOVED_IN, RECEIVER, SENDER

TO_BOTH = tuple(PayeeShare(who, Fraction(1, 2)) for who in Payee)
BY_THE_FUND = (PayerShare(Payer.COMMON_FUND, Fraction(1)),)
BY_BOTH = (PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(1, 3)), PayerShare(Payer.COMMON_FUND, Fraction(2, 3)))
REPAIRS = RefurbishmentGuarantee(cap_ore=6_000_000, claimed_within_days=300, paid_by=BY_BOTH)
RENT = ArrearsGuarantee(cap_ore=1_000_000, paid_to=TO_BOTH)
BY_THE_RECEIVER = ArrearsGuarantee(name="by_the_fund", cap_ore=1_000_000, paid_to=TO_BOTH, paid_by=BY_THE_FUND)
RECEIVED = Reception(per_family_ore=4_000_000)
MODEL = CompensationModel(guarantee_days=365, parts=(RECEIVED, REPAIRS, RENT, BY_THE_RECEIVER), fund_held_by=RECEIVER)
IN, LAST = MOVED_IN.on, MOVED_IN.on + timedelta(days=300)
TODAY = date(2030, 1, 1)
CLAIM = GuaranteeClaim(
    "association:havblik",
    "refurbishment_guarantee",
    1_234_567,
    Evidence("F-2026/17", "ab" * 32, date(2026, 9, 1)),
    "F-2026/17",
)


def changed(claim: GuaranteeClaim = CLAIM, **changes: object) -> GuaranteeClaim:
    evidence = {name: changes.pop(name) for name in ("number", "digest", "on") if name in changes}
    return replace(claim, evidence=replace(claim.evidence, **evidence), **changes)


def faults(
    claim: GuaranteeClaim,
    terms: Compensation = MODEL,
    *,
    counted: Sequence[GuaranteeClaim] = (),
    today: date = TODAY,
) -> list[str]:
    return [str(one) for one in faults_of_claim(claim, terms, MOVED_IN, counted=counted, today=today)]


BEFORE = changed(number="F-16", digest="cd" * 32, key="F-16", amount_ore=5_000_000)
NO_NUMBER = "a number of at most 40 letters A to Z, digits and . / _ -, without spaces"
WRONG = {
    "a sentence for a number": (changed(number="bad door"), [f"evidence_number: {NO_NUMBER}"]),
    "a name for a number": (changed(number="Maria.Hansen"), [f"evidence_number: {NO_NUMBER}"]),
    "no number": (changed(number=""), [f"evidence_number: {NO_NUMBER}"]),
    "a long number": (changed(number="1" * 41), [f"evidence_number: {NO_NUMBER}"]),
    "what may be a CPR number": (changed(number="010170-1234"), ["evidence_number: holds what may be a CPR number"]),
    "a key with words": (changed(key="the family at 3"), [f"key: {NO_NUMBER}"]),
    "a key that may be a CPR number": (changed(key="0101701234"), ["key: holds what may be a CPR number"]),
    "half a digest": (
        changed(digest="ab" * 31),
        ["evidence_digest: the document's SHA-256 as 64 digits 0 to 9 and a to f"],
    ),
    "a digest of words": (
        changed(digest="The family broke the door" * 3),
        ["evidence_digest: the document's SHA-256 as 64 digits 0 to 9 and a to f"],
    ),
    "nothing": (changed(amount_ore=0), [f"amount_ore: whole øre, from 1 to {10**12}"]),
    "less than nothing": (changed(amount_ore=-1), [f"amount_ore: whole øre, from 1 to {10**12}"]),
    "near the limits of 64 bits": (
        changed(amount_ore=2**63 - 1),
        [
            f"amount_ore: whole øre, from 1 to {10**12}",
            "amount_ore: only 6000000 øre are left of the guarantee",
        ],
    ),
    "more than the cap": (changed(amount_ore=6_000_001), ["amount_ore: only 6000000 øre are left of the guarantee"]),
    "no such guarantee": (
        changed(rule="reception"),
        ["rule: is no guarantee that the agreement of the case has for this family"],
    ),
    "another association": (changed(claimant="association:lokken"), ["claimant: is not whom this guarantee pays"]),
    "the sender": (changed(claimant=f"municipality:{SENDER}"), ["claimant: is not whom this guarantee pays"]),
    "the receiver of another part": (
        changed(claimant=f"municipality:{RECEIVER}"),
        ["claimant: is not whom this guarantee pays"],
    ),
    "who pays it": (
        changed(rule="by_the_fund", claimant=f"municipality:{RECEIVER}", amount_ore=1),
        ["claimant: pays this guarantee itself, and would answer its own claim"],
    ),
    "the day before the move-in": (
        changed(on=IN - timedelta(days=1)),
        [f"evidence_on: must lie between {IN} and {LAST}"],
    ),
    "the day after the last": (
        changed(on=LAST + timedelta(days=1)),
        [f"evidence_on: must lie between {IN} and {LAST}"],
    ),
    "all at once": (
        changed(number="", digest="", amount_ore=0, claimant="family", on=date.min),
        [
            f"evidence_number: {NO_NUMBER}",
            "evidence_digest: the document's SHA-256 as 64 digits 0 to 9 and a to f",
            f"amount_ore: whole øre, from 1 to {10**12}",
            "claimant: is not whom this guarantee pays",
            f"evidence_on: must lie between {IN} and {LAST}",
        ],
    ),
}


@pytest.mark.parametrize(("claim", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_claim_is_said_all_at_once(claim: GuaranteeClaim, expected: list[str]):
    assert faults(claim) == expected


RIGHT = {
    "as it should be": CLAIM,
    "on the day of the move-in": changed(on=IN),
    "on the last day": changed(on=LAST),
    "the whole cap": changed(amount_ore=6_000_000),
    "one øre": changed(amount_ore=1),
    "a municipality that is paid a share": changed(
        rule="arrears_guarantee", claimant=f"municipality:{RECEIVER}", amount_ore=1_000_000
    ),
    "an association, of the fund that the receiver keeps": changed(rule="by_the_fund", amount_ore=1_000_000),
}


@pytest.mark.parametrize("claim", RIGHT.values(), ids=RIGHT)
def test_what_the_agreement_covers_may_be_claimed(claim: GuaranteeClaim):
    assert faults(claim) == []


def test_a_cost_of_tomorrow_is_not_claimed_today():
    assert faults(CLAIM, today=CLAIM.evidence.on - timedelta(days=1)) == ["evidence_on: is in the future"]
    assert faults(CLAIM, today=CLAIM.evidence.on) == []


def test_earlier_claims_leave_less_of_the_cap_and_a_document_is_claimed_once():
    assert faults(CLAIM, counted=[BEFORE]) == ["amount_ore: only 1000000 øre are left of the guarantee"]
    assert faults(changed(amount_ore=1_000_000), counted=[BEFORE]) == []
    assert faults(changed(BEFORE, amount_ore=1), counted=[BEFORE]) == [
        "evidence_digest: this document was claimed before"
    ]
    other = changed(BEFORE, rule="arrears_guarantee", amount_ore=1_000_000)
    assert faults(other, counted=[BEFORE]) == [], "each guarantee has a cap of its own"


def test_the_plainest_terms_guarantee_nothing():
    plain = CompensationTerms(1, 1, 365)
    assert faults(CLAIM, plain) == ["rule: is no guarantee that the agreement of the case has for this family"]


def test_a_guarantee_holds_for_the_families_of_its_days():
    ended = replace(REPAIRS, last_day=IN - timedelta(days=1))
    terms = replace(MODEL, parts=(ended,))
    assert faults(CLAIM, terms) == ["rule: is no guarantee that the agreement of the case has for this family"]


def test_the_cap_is_in_the_prices_of_the_evidences_day():
    indexed = replace(MODEL, indexation=(Indexation(date(2026, 10, 1), Fraction("1.1")),))
    before, after = (
        room_of(REPAIRS, indexed, MOVED_IN, counted=[BEFORE], on=day) for day in (date(2026, 9, 30), date(2026, 10, 1))
    )
    assert (before.cap_ore, before.left_ore) == (6_000_000, 1_000_000)
    assert (after.cap_ore, after.left_ore) == (6_600_000, 1_600_000)


def test_an_ore_that_two_share_by_halves_is_no_claim():
    halves = (PayerShare(Payer.SENDING_MUNICIPALITY, Fraction(1, 2)), PayerShare(Payer.COMMON_FUND, Fraction(1, 2)))
    terms = CompensationModel(365, (replace(RENT, paid_by=halves),), fund_held_by=RECEIVER)
    one_ore = changed(rule="arrears_guarantee", amount_ore=1)

    assert faults(one_ore, terms) == ["amount_ore: is rounded away where it is shared: nobody would pay or receive it"]
    assert faults(replace(one_ore, amount_ore=2), terms) == []


def test_the_ceiling_for_a_family_holds_for_claims_too_and_what_needs_no_claim_comes_first():
    loan = DepositLoan(amount_ore=9_000_000, repaid_after_months=10)
    ceiling = replace(MODEL, parts=(*MODEL.parts, loan), ceiling_ore=9_500_000)
    assert room_of(REPAIRS, ceiling, MOVED_IN, counted=[], on=IN).left_ore == 5_500_000
    assert room_of(RENT, ceiling, MOVED_IN, counted=[BEFORE], on=IN).left_ore == 500_000
    reached = replace(ceiling, ceiling_ore=1)
    assert room_of(REPAIRS, reached, MOVED_IN, counted=[], on=IN).left_ore == 0


def test_who_pays_answers():
    assert paying_municipality(REPAIRS, MODEL, SENDER) == f"municipality:{SENDER}"
    assert paying_municipality(BY_THE_RECEIVER, MODEL, SENDER) == f"municipality:{RECEIVER}"


def test_an_accepted_claim_books_what_each_pays_and_receives():
    charge = charge_of_claim(CLAIM, 2, MODEL, MOVED_IN, accepted_on=TODAY)
    assert (charge.kind, charge.rule, charge.period) == (BookingKind.CLAIM, "refurbishment_guarantee", 2)
    assert (charge.value_date, charge.move_out) == (TODAY, MoveOut.KEPT)
    assert charge.entries == (
        Entry(municipality_account(SENDER), -411_522),
        Entry(fund_account(RECEIVER, "fyn"), -823_045),
        Entry(department_account("havblik", "Solbakken"), 1_234_567),
    )


def test_the_remainder_of_a_claim_has_its_account():
    claim = changed(rule="arrears_guarantee", amount_ore=999_999)
    charge = charge_of_claim(claim, 1, MODEL, MOVED_IN, accepted_on=TODAY)
    assert sum(entry.amount_ore for entry in charge.entries) == 0
    assert [one.amount_ore for one in charge.entries if one.account == rounding_account(SENDER)] == [-1]


@given(amounts=st.lists(st.integers(1, 7_000_000), max_size=12), days=st.lists(st.integers(0, 300), min_size=12))
def test_what_is_claimed_together_is_never_above_the_cap(amounts: list[int], days: list[int]):
    """Whatever is claimed on which days: every claim that has no fault is taken, and the sum stays within the cap."""
    counted: list[GuaranteeClaim] = []
    for number, (amount, day) in enumerate(zip(amounts, days, strict=False)):
        claim = changed(amount_ore=amount, number=f"F-{number}", digest=f"{number:064x}", on=IN + timedelta(days=day))
        part = guarantee_called(MODEL, claim.rule, moved_in_on=IN)
        assert part is not None
        left = room_of(part, MODEL, MOVED_IN, counted=counted, on=claim.evidence.on).left_ore
        if not faults_of_claim(claim, MODEL, MOVED_IN, counted=counted, today=TODAY):
            assert amount <= left
            counted.append(claim)
            entries = charge_of_claim(claim, number + 1, MODEL, MOVED_IN, accepted_on=TODAY).entries
            assert sum(one.amount_ore for one in entries) == 0
        else:
            assert amount > left
    assert sum(one.amount_ore for one in counted) <= REPAIRS.cap_ore

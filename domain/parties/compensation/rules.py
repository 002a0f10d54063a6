"""Rules for a compensation model that can be read and still cannot be booked, each with its reason."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from domain.parties.compensation.model import CompensationModel, CompensationTerms
from domain.parties.compensation.parts import (
    ArrearsGuarantee,
    DepositLoan,
    MovingCost,
    Part,
    PayeeShare,
    Payer,
    PayerShare,
    Reception,
    RefurbishmentGuarantee,
    SocialWork,
    Stair,
    Staircase,
    VacancyRent,
)

# What a database holds in 64 bits, with room for the sum of a million families.
LARGEST_ORE = 10**12
# A share written as a number in a file is no exact one: 0.6 is read as a fraction with a denominator of 16 digits.
LARGEST_DENOMINATOR = 10_000
DAYS_IN_A_MONTH_AT_MOST = 31
# Beyond it the calendar ends, or the years of planning do.
LONGEST_GUARANTEE = 3_650
# Prices that are ten times as high are a decimal point in the wrong place; without a limit an amount leaves 64 bits.
LARGEST_FACTOR = 10
NAME = re.compile(r"[a-z][a-z_]{0,39}")


def faults_of_model(model: CompensationModel, *, sending: Iterable[str], receiving: Iterable[str]) -> Iterator[str]:
    """Every reason why a model cannot be booked, with its field."""
    yield from _faults_of_the_whole(model)
    yield from _faults_of_indexation(model)
    yield from _overlaps(model.parts)
    for number, part in enumerate(model.parts):
        for fault in _faults_of_part(part, model):
            yield f"parts.{number}.{part.kind}.{fault}"
        if isinstance(part, Staircase):
            for fault in _unknown(part.sending_share, set(sending), "sending_share"):
                yield f"parts.{number}.staircase.{fault}"
            for fault in _unknown(part.receiving_share, set(receiving), "receiving_share"):
                yield f"parts.{number}.staircase.{fault}"
    if model.fund_held_by is None and any(_uses_the_fund(part) for part in model.parts):
        yield "fund_held_by: say which municipality keeps the common fund"
    if model.fund_held_by is not None and model.fund_held_by not in {*sending, *receiving}:
        yield "fund_held_by: must be a municipality of the agreement"


def faults_of_terms(terms: CompensationTerms) -> Iterator[str]:
    """Every reason why the plainest terms cannot be booked, with its field."""
    judged = (
        ("receiving_municipality_ore", _fault_of_amount(terms.receiving_municipality_ore)),
        ("housing_department_ore", _fault_of_amount(terms.housing_department_ore)),
        ("reversed_within_days", _fault_of_guarantee(terms.reversed_within_days)),
    )
    yield from (f"{field}: {fault}" for field, fault in judged if fault)


def _faults_of_the_whole(model: CompensationModel) -> Iterator[str]:
    if fault := _fault_of_guarantee(model.guarantee_days):
        yield f"guarantee_days: {fault}"
    if not model.parts:
        yield "parts: name at least one"
    if model.ceiling_ore is not None and not 0 < model.ceiling_ore <= LARGEST_ORE:
        yield f"ceiling_ore: whole øre, from 1 to {LARGEST_ORE}"


def _fault_of_guarantee(days: int) -> str | None:
    return None if 0 <= days <= LONGEST_GUARANTEE else f"zero or more, and at most {LONGEST_GUARANTEE}"


def _fault_of_amount(ore: int) -> str | None:
    return None if 0 <= ore <= LARGEST_ORE else f"whole øre, from 0 to {LARGEST_ORE}"


def _faults_of_indexation(model: CompensationModel) -> Iterator[str]:
    for before, after in pairwise(model.indexation):
        if after.from_day <= before.from_day:
            yield "indexation: one factor a day, in the order of their days"
    for row in model.indexation:
        if row.factor <= 0 or row.factor.denominator > LARGEST_DENOMINATOR:
            yield f"indexation.{row.from_day}.factor: {_AS_TEXT}"
        if row.factor > LARGEST_FACTOR:
            yield f"indexation.{row.from_day}.factor: at most {LARGEST_FACTOR}"


_AS_TEXT = 'above zero, written as text such as "1/3" or "1.021"'


def _overlaps(parts: tuple[Part, ...]) -> Iterator[str]:
    for number, one in enumerate(parts):
        for other in parts[number + 1 :]:
            shared = sorted({*one.booked_as} & {*other.booked_as})
            if shared and _overlap(one, other):
                named = one.rule if one.rule == other.rule else shared[0]
                yield f"parts: two are named {named} and hold on the same days; give one of them another name"


def _overlap(one: Part, other: Part) -> bool:
    begins = max((day for day in (one.first_day, other.first_day) if day), default=None)
    ends = min((day for day in (one.last_day, other.last_day) if day), default=None)
    return begins is None or ends is None or begins <= ends


def _faults_of_part(part: Part, model: CompensationModel) -> Iterator[str]:
    if not all(NAME.fullmatch(rule) for rule in part.booked_as):
        yield "name: small letters and underscores, at most 40"
    if part.first_day and part.last_day and part.last_day < part.first_day:
        yield "last_day: is before first_day"
    yield from _faults_of_shares("paid_by", part.paid_by)
    yield from _faults_of_shares("paid_to", part.paid_to)
    for field, amount in _amounts(part):
        if fault := _fault_of_amount(amount):
            yield f"{field}: {fault}"
    yield from _faults_of_time(part, model)
    if isinstance(part, Staircase):
        yield from _faults_of_stairs("received", part.received, part.receiving_share)
        yield from _faults_of_stairs("sent", part.sent, part.sending_share)


def _faults_of_shares(field: str, shares: Sequence[PayerShare | PayeeShare]) -> Iterator[str]:
    if len({one.who for one in shares}) != len(shares):
        yield f"{field}: name each once"
    if any(one.share <= 0 or one.share.denominator > LARGEST_DENOMINATOR for one in shares):
        yield f"{field}.share: {_AS_TEXT}"
    elif sum(one.share for one in shares) != 1:
        yield f"{field}: the shares must sum to one"


def _amounts(part: Part) -> Iterator[tuple[str, int]]:
    match part:
        case Reception() | MovingCost():
            yield from (("per_family_ore", part.per_family_ore), ("per_child_ore", part.per_child_ore))
        case SocialWork():
            yield from (("steps.monthly_ore", step.monthly_ore) for step in part.steps)
        case DepositLoan():
            yield "amount_ore", part.amount_ore
        case RefurbishmentGuarantee() | ArrearsGuarantee():
            yield "cap_ore", part.cap_ore
        case Staircase():
            yield from (("extra_ore", stair.extra_ore) for stair in (*part.received, *part.sent))
        case VacancyRent():
            return


def _faults_of_time(part: Part, model: CompensationModel) -> Iterator[str]:
    """What is paid later is paid within the guarantee period: when it ends, the case is closed."""
    match part:
        case SocialWork():
            if not part.steps or any(step.months < 1 for step in part.steps):
                yield "steps: each pays for at least one month"
            if any(after.monthly_ore >= before.monthly_ore for before, after in pairwise(part.steps)):
                yield "steps: each pays less than the step before"
            yield from _within(model, "steps", (part.months - 1) * DAYS_IN_A_MONTH_AT_MOST)
        case VacancyRent() if part.most_days < 1:
            yield "most_days: at least 1"
        case DepositLoan():
            if part.repaid_after_months < 1:
                yield "repaid_after_months: at least 1"
            yield from _within(model, "repaid_after_months", part.repaid_after_months * DAYS_IN_A_MONTH_AT_MOST)
        case RefurbishmentGuarantee() | ArrearsGuarantee():
            if part.claimed_within_days < 1:
                yield "claimed_within_days: at least 1"
            yield from _within(model, "claimed_within_days", part.claimed_within_days)
        case _:
            return


def _within(model: CompensationModel, field: str, days: int) -> Iterator[str]:
    if days > model.guarantee_days:
        yield f"{field}: ends after the guarantee_days, when the case is closed; at least {days} are needed"


def _faults_of_stairs(field: str, stairs: tuple[Stair, ...], shares: Mapping[str, int]) -> Iterator[str]:
    if any(after.above_percent <= before.above_percent for before, after in pairwise(stairs)):
        yield f"{field}: each stair begins above the one before"
    if any(stair.above_percent < 0 for stair in stairs):
        yield f"{field}.above_percent: zero or more"
    if any(share < 1 for share in shares.values()):
        yield f"{field}: a share is at least one family a year"
    if stairs and not shares:
        yield f"{field}: say each municipality's share of families a year"


def _unknown(shares: Mapping[str, int], codes: set[str], field: str) -> Iterator[str]:
    for code in shares.keys() - codes:
        yield f"{field}: {code} has no such part in the agreement"


def _uses_the_fund(part: Part) -> bool:
    by_the_fund = any(one.who is Payer.COMMON_FUND for one in part.paid_by)
    return by_the_fund or (isinstance(part, Staircase) and bool(part.sent))

"""What an agreement's compensation model has paid for one family: which charges, on which days, between whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from domain.books.accounts import department_account, fund_account, municipality_account, rounding_account
from domain.books.booking import BookingKind, Entry, reversal_entries
from domain.books.compensation import move_in_entries
from domain.books.months import MONTHS_A_YEAR, months_later
from domain.books.shares import divided, rounded
from domain.parties.compensation.model import Compensation, CompensationModel, CompensationTerms
from domain.parties.compensation.parts import (
    RECEIVED,
    SENT,
    DepositLoan,
    MoveOut,
    MovingCost,
    Part,
    Payee,
    Payer,
    Reception,
    SocialWork,
    Stair,
    Staircase,
    VacancyRent,
)

DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class MovedIn:
    """What is known of a move-in when it is booked. Municipalities by code, rent in øre a month.

    `received_before` and `sent_before` are the families that the receiver has received and the sender has sent under
    the agreement in the same calendar year before this one.
    """

    agreement: str
    sender: str
    receiver: str
    association: str
    department: str
    on: date
    reserved_on: date
    rent_monthly_ore: int
    children: int = 0
    received_before: int = 0
    sent_before: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount that is due on a day by one rule, and what it books; `period` is the month's number of a monthly one.

    `amount_ore` is what the payers pay together, and `move_out` what becomes of it when the family moves out early.
    """

    rule: str
    kind: BookingKind
    period: int
    value_date: date
    amount_ore: int
    entries: tuple[Entry, ...]
    move_out: MoveOut = MoveOut.RETURNED

    @property
    def key(self) -> "ChargeKey":
        """What tells it from every other booking of the same move-in."""
        return (self.kind, self.rule, self.period)


ChargeKey = tuple[BookingKind, str, int]


@dataclass(frozen=True, slots=True)
class _Due:
    """What a part has paid on a day, before indexation and ceiling; in the prices of another day where that is said."""

    amount_ore: Fraction
    value_date: date
    kind: BookingKind = BookingKind.MOVE_IN
    period: int = 0
    suffix: str = ""
    prices_of: date | None = None


def planned(terms: Compensation, moved_in: MovedIn) -> tuple[Charge, ...]:
    """Every charge that a move-in brings, in the order of days and then of the agreement's parts; claims come apart.

    The last part that fits under the ceiling is cut to it, and those after it are left out.
    """
    return tuple(charges(terms, moved_in))


def charges(terms: Compensation, moved_in: MovedIn) -> Iterator[Charge]:
    """The same one by one, each worked out when it is asked for."""
    return _by_terms(terms, moved_in) if isinstance(terms, CompensationTerms) else _by_model(terms, moved_in)


def _by_terms(terms: CompensationTerms, moved_in: MovedIn) -> Iterator[Charge]:
    entries = move_in_entries(
        terms,
        sender=municipality_account(moved_in.sender),
        receiver=municipality_account(moved_in.receiver),
        department=department_account(moved_in.association, moved_in.department),
    )
    paid = terms.receiving_municipality_ore + terms.housing_department_ore
    if entries:
        yield Charge("", BookingKind.MOVE_IN, 0, moved_in.on, paid, entries)


def _by_model(model: CompensationModel, moved_in: MovedIn) -> Iterator[Charge]:
    dues = [
        (due.value_date, number, part, due)
        for number, part in enumerate(model.parts_on(moved_in.on))
        for due in _dues(part, moved_in)
    ]
    dues.sort(key=lambda row: (row[0], row[1], row[3].period))
    left = model.ceiling_ore
    for _, _, part, due in dues:
        amount = indexed(model, due.amount_ore, due.prices_of or due.value_date)
        if left is not None and not isinstance(part, DepositLoan):
            amount = min(amount, left)
            left -= amount
        if amount:
            charge = _charge(part, due, amount, model=model, moved_in=moved_in)
            # An øre that two share by halves is rounded away for both: nobody pays and nobody receives.
            if charge.entries:
                yield charge


def indexed(model: CompensationModel, amount_ore: Fraction | int, on: date) -> int:
    """An amount in the prices of a day, in whole øre."""
    factors = [row.factor for row in model.indexation if row.from_day <= on]
    return rounded(amount_ore * (factors[-1] if factors else Fraction(1)))


def _dues(part: Part, moved_in: MovedIn) -> Iterator[_Due]:
    match part:
        case Reception() | MovingCost():
            yield _Due(Fraction(part.per_family_ore + part.per_child_ore * moved_in.children), moved_in.on)
        case SocialWork():
            amounts = [step.monthly_ore for step in part.steps for _ in range(step.months)]
            for number, monthly in enumerate(amounts, start=1):
                month = months_later(moved_in.on, number - 1)
                yield _Due(Fraction(monthly), month, BookingKind.MONTH, number)
        case VacancyRent():
            days = min(max((moved_in.on - moved_in.reserved_on).days, 0), part.most_days)
            yield _Due(Fraction(moved_in.rent_monthly_ore * MONTHS_A_YEAR * days, DAYS_A_YEAR), moved_in.on)
        case DepositLoan():
            yield _Due(Fraction(part.amount_ore), moved_in.on)
            repaid_on = months_later(moved_in.on, part.repaid_after_months)
            yield _Due(Fraction(part.amount_ore), repaid_on, BookingKind.REPAYMENT, 1, prices_of=moved_in.on)
        case Staircase():
            received = _stair(part.received, moved_in.received_before, part.receiving_share.get(moved_in.receiver))
            sent = _stair(part.sent, moved_in.sent_before, part.sending_share.get(moved_in.sender))
            yield _Due(Fraction(received), moved_in.on, suffix=RECEIVED)
            yield _Due(Fraction(sent), moved_in.on, suffix=SENT)
        case _:
            return


def _stair(stairs: Sequence[Stair], before: int, share: int | None) -> int:
    """What the next family brings extra, in øre, after so many of the same year."""
    if share is None:
        return 0
    reached = [stair.extra_ore for stair in stairs if (before + 1) * 100 > share * stair.above_percent]
    return reached[-1] if reached else 0


def _charge(part: Part, due: _Due, amount_ore: int, *, model: CompensationModel, moved_in: MovedIn) -> Charge:
    rule = part.rule + (f"_{due.suffix}" if due.suffix else "")
    if due.suffix == SENT:
        payer = Entry(municipality_account(moved_in.sender), -amount_ore)
        entries: tuple[Entry, ...] = (payer, Entry(_fund(model, moved_in), amount_ore))
    else:
        entries = entries_of_part(part, amount_ore, model=model, moved_in=moved_in)
    if due.kind is BookingKind.REPAYMENT:
        entries = reversal_entries(entries)
    return Charge(rule, due.kind, due.period, due.value_date, amount_ore, entries, part.move_out)


def entries_of_part(part: Part, amount_ore: int, *, model: CompensationModel, moved_in: MovedIn) -> tuple[Entry, ...]:
    """What each payer pays and each payee receives; the remainders of both go to the rounding account."""
    payers = {
        Payer.SENDING_MUNICIPALITY: municipality_account(moved_in.sender),
        Payer.COMMON_FUND: _fund(model, moved_in),
    }
    payees = {
        Payee.RECEIVING_MUNICIPALITY: municipality_account(moved_in.receiver),
        Payee.HOUSING_DEPARTMENT: department_account(moved_in.association, moved_in.department),
    }
    paid, unpaid = divided(amount_ore, [one.share for one in part.paid_by])
    received, unreceived = divided(amount_ore, [one.share for one in part.paid_to])
    entries = [Entry(payers[one.who], -ore) for one, ore in zip(part.paid_by, paid, strict=True)]
    entries += [Entry(payees[one.who], ore) for one, ore in zip(part.paid_to, received, strict=True)]
    entries.append(Entry(rounding_account(moved_in.sender), unreceived - unpaid))
    return tuple(entry for entry in entries if entry.amount_ore)


def _fund(model: CompensationModel, moved_in: MovedIn) -> str:
    return fund_account(model.fund_held_by or moved_in.sender, moved_in.agreement)

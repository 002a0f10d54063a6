"""What the parties agreed, as data: route, deadlines, compensation and legal basis.

An agreement is a dated file; a referral keeps the version it started on.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from domain.parties.ceilings.agreed import NO_CEILINGS, Ceilings
from domain.parties.ceilings.rules import faults_of_ceilings
from domain.parties.compensation.model import Compensation, CompensationTerms
from domain.parties.compensation.parts import Payee
from domain.parties.compensation.rules import faults_of_model, faults_of_terms
from domain.parties.compensation.tariff import Tariff, tariffs
from domain.parties.party import PartyKind, is_a, party_id
from domain.parties.route import ROUTE, YESES, faults_of_order
from domain.parties.sending_days import USUAL_DAYS, USUAL_HOUR, Weekday
from domain.questions.question import QuestionKind

# A calendar week has at least four working days in all but the Christmas and Easter weeks.
CALENDAR_DAYS_A_WORKING_DAY = 2
HOURS_A_DAY = 24
MINUTES_A_DAY = 60 * HOURS_A_DAY


class OnSilence(StrEnum):
    """What happens by itself when a deadline passes without an answer.

    KEEP_WAITING accepts late answers for a while and asks a person to look; NEVER leaves the question open for good.
    """

    BACK_TO_SEEKING = "back_to_seeking"
    KEEP_WAITING = "keep_waiting"
    NEVER = "never"


class AnswerLevel(StrEnum):
    """Who may answer at a party: anybody with the letter, its link and digits, or only a person who also logs in.

    The letter alone is weaker: a program that reads the digits can answer like a person. A family always answers by its
    letter.
    """

    LINK = "link"
    LINK_AND_LOGIN = "link_and_login"


class Shows(StrEnum):
    """What the receiving municipality's approval page may say beside what the municipality needs to decide."""

    SENDER = "sender"
    HOUSEHOLD_BAND = "household_band"


@dataclass(frozen=True, slots=True)
class Step:
    """One question on the route, with its deadlines in Danish working days.

    The reminder comes before the deadline. After the deadline the chief is told, and `grace_days` later `on_silence`
    happens by itself; an answer counts until then.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kind: QuestionKind
    answer_within_days: int
    remind_after_days: int
    on_silence: OnSilence
    grace_days: int = 0


ENDED_BY_A_PERSON = frozenset({QuestionKind.SIGN_OFF, QuestionKind.FEWER_ALIKE, QuestionKind.MOVE_IN})
FEWER_ALIKE = Step(QuestionKind.FEWER_ALIKE, 10, 5, OnSilence.KEEP_WAITING)


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """The lawful ground as the parties hold it, with who verified it and when; shown on the page."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    text_da: str
    text_en: str
    verified_by: str
    verified_on: date


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement between municipalities (codes) and associations (ids), in one version.

    `disclosure_after_minutes` is how long a family may take its yes back; only then are the parties told who it is.

    Requests to an association go out together, on the `sending_days` at the `sending_hour` in Copenhagen. Unsaid,
    `approval_shows` is empty: what the parties have not agreed to tell of a family is not told.

    `settled_gross` are the municipalities that opted out of netting: each pays and is paid what it owes whom.

    The route's steps come in the order in which they are asked. `one_person_decides` says that whoever flags a family
    decides alone: then the route has no sign-off. `ceilings` are how many families a calendar year there may be.

    New cases begin on it from `valid_from` to `valid_until`, both included; None is open, until the next version.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    version: int
    name: str
    valid_from: date
    sending: tuple[str, ...]
    receiving: tuple[str, ...]
    associations: tuple[str, ...]
    route: tuple[Step, ...]
    compensation: Compensation
    legal_basis: LegalBasis
    reservation_days: int = 42
    associations_at_once: int = 2
    homes_each: int = 3
    answer_level: AnswerLevel = AnswerLevel.LINK
    disclosure_after_minutes: int = 60
    beside: tuple[Step, ...] = (FEWER_ALIKE,)
    sending_days: tuple[Weekday, ...] = USUAL_DAYS
    sending_hour: int = USUAL_HOUR
    approval_shows: tuple[Shows, ...] = ()
    settled_gross: tuple[str, ...] = ()
    one_person_decides: bool = False
    ceilings: Ceilings = NO_CEILINGS
    valid_until: date | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps on the route, and those outside it."""
        return (*self.route, *self.beside)

    @property
    def tariffs(self) -> tuple[Tariff, ...]:
        """What each part of the compensation pays."""
        return tariffs(self.compensation)

    @property
    def brings_the_receiver(self) -> tuple[Tariff, ...]:
        """What a family brings the receiving municipality, whichever family it is."""
        return tuple(one for one in self.tariffs if one.payee is Payee.RECEIVING_MUNICIPALITY)

    def names(self, party: str) -> bool:
        """Whether a municipality or an association is a party of it."""
        if is_a(party, PartyKind.MUNICIPALITY):
            return party_id(party) in (*self.sending, *self.receiving)
        return is_a(party, PartyKind.ASSOCIATION) and party_id(party) in self.associations

    def step(self, kind: QuestionKind) -> Step:
        """The step for a kind of question."""
        return next(step for step in self.steps if step.kind is kind)

    def needs_login(self, *, of_a_party: bool) -> bool:
        """Whether the person asked has to log in, or answers by the letter alone."""
        return of_a_party and self.answer_level is AnswerLevel.LINK_AND_LOGIN

    def place(self, kind: QuestionKind) -> tuple[int, int] | None:
        """A question's place on the route: step n of m; None for one outside the route."""
        order = self.order
        return (order.index(kind) + 1, len(order)) if kind in order else None

    @property
    def order(self) -> tuple[QuestionKind, ...]:
        """The kinds of question on the route, in the order in which they are asked."""
        return tuple(step.kind for step in self.route)

    @property
    def family_first(self) -> bool:
        """Whether the family is asked before the receiving municipality."""
        return self.order.index(QuestionKind.ACCEPTANCE) < self.order.index(QuestionKind.APPROVAL)


def faults(agreement: Agreement) -> list[str]:
    """Every reason why an agreement cannot be used; empty when it can."""
    found = faults_of_order(agreement.order, one_person_decides=agreement.one_person_decides)
    if [step.kind for step in agreement.beside] != [QuestionKind.FEWER_ALIKE]:
        found.append(f"beside: must hold {QuestionKind.FEWER_ALIKE} once")
    found += [
        f"{_where(step)}: the reminder must come before the deadline"
        for step in agreement.steps
        if not 0 < step.remind_after_days < step.answer_within_days
    ]
    found += [
        f"{_where(step)}: nobody but a person can end this wait, so on_silence must be keep_waiting or never"
        for step in agreement.steps
        if step.kind in ENDED_BY_A_PERSON and step.on_silence is OnSilence.BACK_TO_SEEKING
    ]
    found += [f"{_where(step)}: grace_days: zero or more" for step in agreement.steps if step.grace_days < 0]
    if not (agreement.sending and agreement.receiving and agreement.associations):
        found.append("sending, receiving, associations: name at least one of each")
    if not 0 <= agreement.disclosure_after_minutes <= MINUTES_A_DAY:
        found.append(f"disclosure_after_minutes: from 0 to {MINUTES_A_DAY}, for the association waits as long")
    found += _faults_of_compensation(agreement)
    found += _faults_of_basis(agreement)
    if min(agreement.associations_at_once, agreement.homes_each) < 1:
        found.append("associations_at_once, homes_each: at least 1, or nobody is asked")
    while_reserved = [step.answer_within_days + step.grace_days for step in agreement.route if step.kind in YESES]
    if agreement.reservation_days < CALENDAR_DAYS_A_WORKING_DAY * sum(while_reserved):
        found.append("reservation_days: the home must stay reserved until approval and acceptance are due")
    return found + _faults_of_sending(agreement) + _faults_of_ceilings(agreement)


def _faults_of_compensation(agreement: Agreement) -> list[str]:
    terms = agreement.compensation
    if unknown := {*agreement.settled_gross} - {*agreement.sending, *agreement.receiving}:
        return [f"settled_gross: {', '.join(sorted(unknown))} must be a municipality of the agreement"]
    if isinstance(terms, CompensationTerms):
        found = faults_of_terms(terms)
    else:
        found = faults_of_model(terms, sending=agreement.sending, receiving=agreement.receiving)
    return [f"compensation: {fault}" for fault in found]


def _faults_of_basis(agreement: Agreement) -> list[str]:
    basis, found = agreement.legal_basis, []
    for field, said in (("text_da", basis.text_da), ("text_en", basis.text_en), ("verified_by", basis.verified_by)):
        if not said.strip():
            found.append(f"legal_basis.{field}: must not be empty: every page that rests on it shows it")
    if agreement.valid_until is not None and agreement.valid_until < agreement.valid_from:
        found.append("valid_until: is before valid_from")
    return found


def _faults_of_sending(agreement: Agreement) -> list[str]:
    found: list[str] = []
    if not agreement.sending_days or len(set(agreement.sending_days)) != len(agreement.sending_days):
        found.append("sending_days: name at least one day, and each once")
    if not 0 <= agreement.sending_hour < HOURS_A_DAY:
        found.append("sending_hour: a full hour from 0 to 23")
    if len(set(agreement.approval_shows)) != len(agreement.approval_shows):
        found.append("approval_shows: name each once")
    return found


def _faults_of_ceilings(agreement: Agreement) -> list[str]:
    found = faults_of_ceilings(agreement.ceilings, receiving=agreement.receiving, associations=agreement.associations)
    return [f"ceilings.{fault}" for fault in found]


def _where(step: Step) -> str:
    return f"route.{step.kind}" if step.kind in ROUTE else f"beside.{step.kind}"

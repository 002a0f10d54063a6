"""The facts of the pages: one frozen class for each kind of page, with nothing that its reader may not see."""

from dataclasses import dataclass
from datetime import date, datetime

from approval_api.questions.pages.statement_facts import ShownStatement
from domain.anonymity.measure import FewAlike
from domain.anonymity.request import AnonymisedRequest, FamilyBands
from domain.errors import Invalid
from domain.letters import HomeFacts
from domain.parties.agreement import LegalBasis
from domain.parties.compensation.tariff import Tariff
from domain.questions.claim_facts import ClaimFacts
from domain.questions.question import (
    ASK_A_COLLEAGUE,
    REASON_CODES,
    Answer,
    GivenBy,
    PassedOnBy,
    QuestionKind,
    answers_to,
)
from domain.referrals.household import Need
from domain.text.screening import COMMENT_CHARACTERS


class Refusable:
    """A page whose form may be shown again with errors."""

    __slots__ = ()
    errors: tuple[Invalid, ...]

    def error_in(self, field: str) -> str | None:
        """Which rule a field breaks, if any."""
        return next((error.reason for error in self.errors if error.field == field), None)


@dataclass(frozen=True, slots=True)
class AskingParty:
    """Who asks, and whom to call: a person or an office. The phone number is empty when there is none."""

    name: str
    call_name: str
    call_phone: str


@dataclass(frozen=True, slots=True)
class HomeChoice:
    """A home that an association may choose to offer."""

    vacancy_id: int
    home: HomeFacts


@dataclass(frozen=True, slots=True)
class Colleague:
    """A colleague who may be asked instead."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The fields of a form as they were sent; empty where nothing was chosen or written."""

    answer: str = ""
    reason: str = ""
    vacancy: str = ""
    given_by: str = ""
    colleague: str = ""
    comment: str = ""
    digits: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPage(Refusable):
    """A question that waits for its answer. `place` is step n of m; when `overdue`, a late answer is still accepted.

    Each kind has its own facts: SIGN_OFF the need; FEWER_ALIKE the need and how few families are alike; OFFER the
    request and the homes; APPROVAL the family in bands, it and all later steps the home; MONTH, which is about no case
    and has no `legal_basis`, the statement. A question outside the route has no `place`. `agreement_name` is None for
    an association, because it could reveal who sends. `family_first` says to the family that the municipality has yet
    to say yes, and to the municipality that the family has; `one_person_decides`, that nobody signs a family off. The
    form must contain `nonce`. `person` is who has logged in, when a login was needed; else `asks_digits` is set.
    """

    kind: QuestionKind
    reference: str
    place: tuple[int, int] | None
    asking: AskingParty
    answer_by: date
    legal_basis: LegalBasis | None
    nonce: str
    person: str | None = None
    agreement_name: str | None = None
    need: Need | None = None
    few: FewAlike | None = None
    request: AnonymisedRequest | None = None
    family: FamilyBands | None = None
    home: HomeFacts | None = None
    homes: tuple[HomeChoice, ...] = ()
    colleagues: tuple[Colleague, ...] = ()
    may_comment: bool = False
    asks_digits: bool = False
    compensation: tuple[Tariff, ...] = ()
    statement: ShownStatement | None = None
    claim: ClaimFacts | None = None
    on_behalf: bool = False
    overdue: bool = False
    family_first: bool = False
    one_person_decides: bool = False
    filled: Filled = Filled()
    errors: tuple[Invalid, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The answers it may get; with no home left to offer, only a no."""
        if self.kind is QuestionKind.OFFER and not self.homes:
            return (Answer.NO,)
        return answers_to(self.kind)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons that a no may have."""
        return REASON_CODES[self.kind]

    @property
    def ways(self) -> tuple[GivenBy, ...]:
        """How a family can have given the answer that its caseworker records."""
        return tuple(GivenBy)

    @property
    def ask_a_colleague(self) -> str:
        """What is chosen when a colleague is to answer."""
        return ASK_A_COLLEAGUE

    @property
    def comment_characters(self) -> int:
        """How long a comment may be."""
        return COMMENT_CHARACTERS


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """What was answered, when and by whom. `answered_by` is None when it was the family itself.

    `consent_at` is where a family can withdraw its consent, while it can; `take_back_at` where a yes is taken back.
    """

    kind: QuestionKind
    reference: str
    asking: AskingParty
    answer: Answer
    answered_at: datetime
    answered_by: str | None
    reason: str | None = None
    home: HomeFacts | None = None
    given_by: GivenBy | None = None
    on_behalf: bool = False
    commented: bool = False
    consent_at: str | None = None
    take_back_at: str | None = None
    family_first: bool = False


@dataclass(frozen=True, slots=True)
class PassedOnPage:
    """A question that was passed on to a colleague. `answered_by` is who was asked before."""

    kind: QuestionKind
    reference: str
    asking: AskingParty
    passed_to: str
    passed_by: PassedOnBy
    passed_at: datetime
    answered_by: str
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A question that can no longer be answered: expired, answered or withdrawn."""

    reference: str
    asking: AskingParty
    answer_by: date | None = None
    answered_at: datetime | None = None
    consent_at: str | None = None


@dataclass(frozen=True, slots=True)
class EndedPage:
    """A link that has ended. `new_letter` is whether another letter was sent in its place.

    `has_left` is whether the party no longer names the addressee.
    """

    asking: AskingParty
    new_letter: bool = False
    of_family: bool = False
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class TakeBackPage(Refusable):
    """A yes to a home: `nonce` while it can be taken back, `taken_back_at` when it was. With neither, it is too late.

    `consent_at` is where a family can withdraw its consent instead.
    """

    reference: str
    asking: AskingParty
    on_behalf: bool = False
    taken_back_at: datetime | None = None
    nonce: str | None = None
    asks_digits: bool = False
    errors: tuple[Invalid, ...] = ()
    consent_at: str | None = None


@dataclass(frozen=True, slots=True)
class ConsentPage(Refusable):
    """A family's consent: `nonce` while it can be withdrawn, `ended_at` when it was withdrawn.

    With neither, the case is over or the family has moved in.
    """

    reference: str
    asking: AskingParty
    ended_at: datetime | None = None
    nonce: str | None = None
    errors: tuple[Invalid, ...] = ()

"""What the pages say: one frozen class for each kind of page, and nothing in it that its reader may not see."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.agreement import LegalBasis
from domain.anonymity import AnonymisedRequest
from domain.errors import Invalid
from domain.household import Need
from domain.letters import HomeFacts
from domain.question import REASON_CODES, Answer, GivenBy, QuestionKind, answers_to


@dataclass(frozen=True, slots=True)
class AskingParty:
    """Who asks, and whom to call about it: a person or an office. The number is empty when there is none."""

    name: str
    call_name: str
    call_phone: str


@dataclass(frozen=True, slots=True)
class HomeChoice:
    """A home that an association may choose to offer."""

    vacancy_id: int
    home: HomeFacts


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form held when it was sent, as it came: the choices, empty where none was made, and its nonce."""

    answer: str = ""
    reason: str = ""
    vacancy: str = ""
    given_by: str = ""
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A question that waits for its answer. `place` is step n of m; a late answer still counts when `overdue`.

    Each kind has its own facts: SIGN_OFF the need, OFFER the request and the homes, the others the home.
    `nonce` is what its form must bring along.
    """

    kind: QuestionKind
    reference: str
    place: tuple[int, int]
    asking: AskingParty
    answer_by: date
    legal_basis: LegalBasis
    nonce: str
    need: Need | None = None
    request: AnonymisedRequest | None = None
    home: HomeFacts | None = None
    homes: tuple[HomeChoice, ...] = ()
    compensation_ore: int | None = None
    department_ore: int | None = None
    on_behalf: bool = False
    overdue: bool = False
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

    def error_in(self, field: str) -> str | None:
        """Which rule a field breaks, if any."""
        return next((error.reason for error in self.errors if error.field == field), None)


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """What was answered, when and by whom. `answered_by` is None when it was the family itself."""

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


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A question that can no longer be answered: expired, answered or withdrawn."""

    reference: str
    asking: AskingParty
    answer_by: date | None = None
    answered_at: datetime | None = None

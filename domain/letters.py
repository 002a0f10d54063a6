"""The letters: one frozen class each, and a folder of the same name under `templates/email`.

A letter holds only what its template may say: no name, no CPR number, no contact data.
Money is in øre a month; a deadline is the last day on which an answer counts.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from domain.anonymity.measure import FewAlike
from domain.anonymity.request import AnonymisedRequest
from domain.parties.compensation.tariff import Tariff
from domain.questions.question import QuestionKind
from domain.questions.returned_mail import Unreached
from domain.referrals.household import Need


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """The home as a letter or page describes it."""

    department: str
    association: str
    municipality: str
    rooms: int
    size_m2: int
    rent_monthly_ore: int
    available_from: date
    step_free: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What every letter has: the name by which its reader knows the case."""

    reference: str

    @classmethod
    def template(cls) -> str:
        """The folder under `templates/email`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(frozen=True, slots=True)
class Told(Letter):
    """A letter without a link, and so without a page that says whom to call. An empty phone number is left out."""

    support_name: str
    support_phone: str


@dataclass(frozen=True, slots=True)
class Asked(Letter):
    """A letter that asks a question through a link. `digits` are typed on its page; None where the reader logs in."""

    link: str
    digits: str | None
    answer_by: date


@dataclass(frozen=True, slots=True)
class SignOffRequested(Asked):
    """To the sending municipality's second person."""

    need: Need


@dataclass(frozen=True, slots=True)
class FewerAlikeRequested(Asked):
    """To the caseworker: a request waits because too few are like it."""

    few: FewAlike


@dataclass(frozen=True, slots=True)
class OfferRequested(Asked):
    """To an association: the anonymised request and how many of its homes would suit."""

    request: AnonymisedRequest
    homes: int


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Asked):
    """To the receiving municipality's approver; `family_first` says that the family has said yes already."""

    home: HomeFacts
    compensation: tuple[Tariff, ...]
    family_first: bool = False


@dataclass(frozen=True, slots=True)
class AcceptanceRequested(Asked):
    """To the family, or to the caseworker who records its answer; `family_first`: the municipality is asked later."""

    home: HomeFacts
    on_behalf: bool
    family_first: bool = False


@dataclass(frozen=True, slots=True)
class AcceptanceRecorded(Letter):
    """To the person who said yes to a home: was it you? Until `until` the yes can be taken back.

    `family_first` says that the municipality has said yes since.
    """

    link: str
    digits: str | None
    until: datetime
    on_behalf: bool
    family_first: bool = False


@dataclass(frozen=True, slots=True)
class MoveInRequested(Asked):
    """To the association: have they moved in?"""

    home: HomeFacts


@dataclass(frozen=True, slots=True)
class AnswerReminder(Asked):
    """To a person who has not answered yet; the same link again. `last_day` says that today is the deadline."""

    kind: QuestionKind
    on_behalf: bool
    last_day: bool


@dataclass(frozen=True, slots=True)
class AnswerOnPage(Asked):
    """To a person who answered a letter by mail, once: the page on which an answer counts; the same link again."""

    kind: QuestionKind
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class AnswerOverdue(Told):
    """To the chief of a person who has not answered in time, or was not reached. `asked` is None for a family.

    `unreached` is why the letter may not have been read, when that is what the chief is told. `until` is the last day
    on which an answer counts before the route goes on by itself; None when it never does, or already has (`gone_on`).
    """

    kind: QuestionKind
    asked: str | None
    unreached: Unreached | None
    answer_by: date
    until: date | None
    gone_on: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One of the questions in a digest."""

    reference: str
    kind: QuestionKind
    on_behalf: bool
    link: str
    digits: str | None
    answer_by: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class Digest(Letter):
    """To a person for whom many questions wait: a list of all, instead of reminders. It has no single reference."""

    waits: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class RequestRecalled(Told):
    """To an association: the request is withdrawn; nothing more to do.

    `ceiling_reached` says why, where the association has offered a home above the agreement's yearly ceiling.
    """

    ceiling_reached: bool = False


@dataclass(frozen=True, slots=True)
class FamilyHoused(Told):
    """To the caseworker: the family has moved in."""

    home: HomeFacts


@dataclass(frozen=True, slots=True)
class ReferralStopped(Told):
    """To the people asked at the parties: the referral was withdrawn; nothing more to do."""


@dataclass(frozen=True, slots=True)
class AuditCheckpoint(Told):
    """To every party: how far the audit chain had come, signed. It is about no case.

    The key and the signature are in base64; whoever keeps the letter can show that nothing before it has changed.
    `signed_at` is the moment as it is signed, to the microsecond: without it nobody could verify the signature.
    """

    entry: int
    hash: str
    at: datetime
    signed_at: str
    public_key: str
    signature: str


@dataclass(frozen=True, slots=True)
class NotReferred(Letter):
    """To the family: the referral was refused or the search was given up (`sought`), why, and how to complain."""

    reason: str
    sought: bool
    municipality: str
    phone: str


@dataclass(frozen=True, slots=True)
class HomeNotApproved(Letter):
    """To a family that has said yes to a home: the home's municipality has not, why, and how to complain.

    `municipality` is the one that sends, which the family knows, and `phone` is its number.
    """

    home: HomeFacts
    reason: str
    municipality: str
    phone: str


@dataclass(frozen=True, slots=True)
class ReferredByOne(Told):
    """To the caseworker who flagged a family, where an agreement says that one person decides: nobody signs it off."""


@dataclass(frozen=True, slots=True)
class CeilingReached(Told):
    """To the caseworker: homes would suit, but a ceiling of the agreement is reached for the year: the family waits."""

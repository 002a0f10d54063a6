"""The letters: one frozen class each, and a folder of the same name under `templates/email`.

A letter holds what its template may say and nothing else: no name, no CPR number, no contact data.
Money is in øre a month, deadlines are the last day on which an answer counts.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from domain.anonymity.measure import FewAlike
from domain.anonymity.request import AnonymisedRequest
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
    """What every letter has: the name under which its reader knows the case."""

    reference: str

    @classmethod
    def template(cls) -> str:
        """The folder under `templates/email`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(frozen=True, slots=True)
class Told(Letter):
    """A letter without a link, and so without a page that says whom to call. An empty number is not told."""

    support_name: str
    support_phone: str


@dataclass(frozen=True, slots=True)
class Asked(Letter):
    """A letter that asks a question through a link. `digits` are to be typed on its page; None where one logs in."""

    link: str
    digits: str | None
    answer_by: date


@dataclass(frozen=True, slots=True)
class SignOffRequested(Asked):
    """To the sending municipality's second person."""

    need: Need


@dataclass(frozen=True, slots=True)
class FewerAlikeRequested(Asked):
    """To the caseworker: a request waits, because too few are like it."""

    few: FewAlike


@dataclass(frozen=True, slots=True)
class OfferRequested(Asked):
    """To an association: the anonymised request and how many of its homes would suit."""

    request: AnonymisedRequest
    homes: int


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Asked):
    """To the receiving municipality's approver."""

    home: HomeFacts
    compensation_ore: int


@dataclass(frozen=True, slots=True)
class AcceptanceRequested(Asked):
    """To the family, or to the caseworker who records its answer."""

    home: HomeFacts
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class AcceptanceRecorded(Letter):
    """To whoever said yes to a home: was it you? `until` is when the yes can no longer be taken back."""

    link: str
    digits: str | None
    until: datetime
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class MoveInRequested(Asked):
    """To the association: have they moved in?"""

    home: HomeFacts


@dataclass(frozen=True, slots=True)
class AnswerReminder(Asked):
    """To whoever has not answered yet; the same link again. `last_day` says that it is the deadline's own day."""

    kind: QuestionKind
    on_behalf: bool
    last_day: bool


@dataclass(frozen=True, slots=True)
class AnswerOnPage(Asked):
    """To whoever answered a letter by mail, once: where the answer counts; the same link again."""

    kind: QuestionKind
    on_behalf: bool


@dataclass(frozen=True, slots=True)
class AnswerOverdue(Told):
    """To the chief of whoever has not answered in time, or was not reached. `asked` is None when it is the family.

    `unreached` is why the letter may not have been read, when the chief is told of that. `until` is the last day on
    which an answer still counts before the route goes on by itself; None when it does not, or has (`gone_on`).
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
    """To somebody for whom many questions wait: all of them, instead of a reminder each. It has no one reference."""

    waits: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class RequestRecalled(Told):
    """To an association: the request is withdrawn, nothing more to do."""


@dataclass(frozen=True, slots=True)
class FamilyHoused(Told):
    """To the caseworker: the family has moved in."""

    home: HomeFacts


@dataclass(frozen=True, slots=True)
class ReferralStopped(Told):
    """To the parties' people: the referral was withdrawn; nothing more to do."""


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
    """To the family: the referral was refused, or the search given up (`sought`), why, and how to complain."""

    reason: str
    sought: bool
    municipality: str
    phone: str

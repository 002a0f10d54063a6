"""Questions: every human step, and the homes it suggests."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import JSON, CheckConstraint, Date, Index, bindparam, exists, func, insert, text
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, select

from domain.anonymity.request import AnonymisedRequest
from domain.questions.addressee import THE_FAMILY, Addressee
from domain.questions.question import Answer, GivenBy, PassedOnBy, QuestionKind, Reply, Standing
from domain.questions.returned_mail import Unreached
from domain.subject import About, Subject
from storage.audit.states import chain_state
from storage.columns import UtcDateTime, needed, one_of
from storage.database import write
from storage.dialect import only_where

_OPEN = text("standing = 'open'")
_OPEN_ABOUT_NO_CASE = text("standing = 'open' AND subject IS NOT NULL")
_WAITS_ABOUT_NO_CASE = text("settled_at IS NULL AND subject IS NOT NULL")
# The columns that say what happened to a question; all but the standing are empty while it is open.
ANSWER = (
    "standing",
    "answer",
    "reason",
    "vacancy_id",
    "given_by",
    "answered_at",
    "answered_by",
    "passed_to",
    "passed_by",
    "passed_at",
)
# The text of `asked_of` and `contact_id` where the family itself is asked.
FAMILY = THE_FAMILY.party


class Question(SQLModel, table=True):
    """A question to one addressee. `asked_of` is its party, or `family`; `contact_id` the person at a party.

    It is about a case, `referral_id`, or about what is no case: then `subject` is the text of a `Subject`. One of a
    kind is open about each at a party.

    `offer_id` is the offer that it is about. `settled_at` is when the path acted on the answer, or on the silence.
    `reminded_at` is the reminder before the deadline, `last_reminded_at` the one on its last day, `escalated_at` when
    the chief was told. `deputy_for` is the contact in whose place the addressee answers while they are away.
    A question that was passed on is REVOKED, and says to which contact of the party, by whom and when.
    `wrong_digits` counts the wrong tries at its letter's digits; `taken_back_at` is when an answer was
    taken back: a family's yes by the family, one about no case so that it is asked anew.
    """

    __tablename__ = "question"
    __table_args__ = (
        Index(
            "one_open_question",
            "referral_id",
            "kind",
            "asked_of",
            unique=True,
            **only_where(_OPEN),
        ),
        Index(
            "one_open_question_of_subject",
            "subject",
            "kind",
            "asked_of",
            unique=True,
            **only_where(_OPEN_ABOUT_NO_CASE),
        ),
        # A worker looks for them several times a minute.
        Index("question_of_no_case_waits", "id", **only_where(_WAITS_ABOUT_NO_CASE)),
        CheckConstraint("(referral_id IS NULL) <> (subject IS NULL)", name="question_about_one"),
        Index("question_waiting", "standing", "answer_by"),
        {
            "info": {
                "chained_parts": {
                    "question": (
                        "key",
                        "referral_id",
                        "kind",
                        "asked_of",
                        "contact_id",
                        "reference",
                        "offer_id",
                        "asked_at",
                        "deputy_for",
                        "subject",
                    ),
                    "link": ("version", "token_hash", "expires_at"),
                    "answer": ANSWER,
                    "taken_back": ("taken_back_at",),
                },
                "came_later": ("subject",),
            }
        },
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(default_factory=lambda: uuid4().hex, unique=True)
    referral_id: int | None = Field(default=None, foreign_key="referral.id", index=True)
    subject: str | None = None
    kind: QuestionKind = Field(sa_type=one_of(QuestionKind, "question_kind"))
    version: int = 1
    asked_of: str
    contact_id: str
    reference: str
    request: dict[str, object] | None = Field(default=None, sa_type=JSON)
    offer_id: int | None = Field(default=None, foreign_key="offer.id")
    standing: Standing = Field(default=Standing.OPEN, sa_type=one_of(Standing, "question_standing"))
    token_hash: str = Field(unique=True, max_length=64)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    remind_at: datetime = Field(sa_type=UtcDateTime)
    answer_by: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    escalated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: Answer | None = Field(default=None, sa_type=one_of(Answer, "question_answer"))
    reason: str | None = None
    vacancy_id: int | None = Field(default=None, foreign_key="vacancy.id")
    given_by: GivenBy | None = Field(default=None, sa_type=one_of(GivenBy, "question_given_by"))
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unreached: Unreached | None = Field(default=None, sa_type=one_of(Unreached, "question_unreached"))
    unreached_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deputy_for: str | None = None
    passed_to: str | None = None
    passed_by: PassedOnBy | None = Field(default=None, sa_type=one_of(PassedOnBy, "question_passed_by"))
    passed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wrong_digits: int = 0
    taken_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def case_id(self) -> int:
        """The case that it is about; `ValueError` when it is about no case."""
        return needed(self.referral_id)

    @property
    def anonymised_request(self) -> AnonymisedRequest:
        """What an association is told of the family, as it was stored."""
        return AnonymisedRequest(**self.request or {})  # type: ignore[arg-type]  # as it was stored

    @property
    def about(self) -> Subject:
        """What it is about."""
        return Subject.read(self.subject) if self.subject is not None else About.REFERRAL.of(self.case_id)

    @property
    def on_behalf(self) -> bool:
        """Whether a caseworker answers for the family."""
        return self.kind is QuestionKind.ACCEPTANCE and self.asked_of != FAMILY

    @property
    def addressee(self) -> Addressee:
        """The addressee to whom the link is bound."""
        return Addressee(self.asked_of, self.contact_id)

    @property
    def said_yes_before(self) -> str | None:
        """The contact who has said yes before the person asked, where two must say it."""
        first = (self.request or {}).get("first")
        return first if isinstance(first, str) else None

    @property
    def answerer(self) -> Addressee:
        """Who answered: a colleague who had logged in, or else who was asked."""
        return self.addressee if self.answered_by is None else Addressee(self.asked_of, self.answered_by)

    @property
    def reply(self) -> Reply:
        """What was answered."""
        if self.answer is None:
            raise ValueError("the question has no answer")
        return Reply(self.answer, self.reason, self.vacancy_id, self.given_by)


class Digest(SQLModel, table=True):
    """A day on which a person got the letter that lists everything that waits for them."""

    __tablename__ = "digest"

    addressee: str = Field(primary_key=True)
    day: date = Field(primary_key=True)


class SuggestedHome(SQLModel, table=True):
    """A vacancy that a question suggests."""

    __tablename__ = "suggested_home"

    question_id: int = Field(foreign_key="question.id", primary_key=True)
    vacancy_id: int = Field(foreign_key="vacancy.id", primary_key=True, index=True)


_SUGGEST = insert(SuggestedHome)


def open_question(session: Session, question: Question, *, homes: Collection[int] = ()) -> None:
    """Write a question down, and the homes that it suggests."""
    write(session, question)
    chain_state(session, Question, question, now=question.asked_at)
    if homes:
        session.connection().execute(_SUGGEST, [{"question_id": question.id, "vacancy_id": home} for home in homes])


def by_token_hash(session: Session, token_hash: str) -> Question | None:
    """The question a link belongs to."""
    return session.exec(select(Question).where(Question.token_hash == token_hash)).one_or_none()


_SUGGESTED = (
    sa_select(col(SuggestedHome.vacancy_id))
    .where(col(SuggestedHome.question_id) == bindparam("question_id"))
    .order_by(col(SuggestedHome.vacancy_id))
)


def suggested(session: Session, question_id: int) -> list[int]:
    """The ids of the vacancies that a question suggests."""
    return list(session.connection().execute(_SUGGESTED, {"question_id": question_id}).scalars())


# Goes from the homes to their questions: with a plain join, SQLite tries every open question with every home.
_TIMES_SUGGESTED = (
    sa_select(col(SuggestedHome.vacancy_id), func.count())
    .where(
        col(SuggestedHome.vacancy_id).in_(bindparam("homes", expanding=True)),
        exists().where(col(Question.id) == col(SuggestedHome.question_id), col(Question.standing) == Standing.OPEN),
    )
    .group_by(col(SuggestedHome.vacancy_id))
)


def times_suggested(session: Session, homes: Collection[int]) -> dict[int, int]:
    """How many open questions suggest each of some vacancies; vacancies in none are left out."""
    return dict(session.connection().execute(_TIMES_SUGGESTED, {"homes": list(homes)}).all())


_FIRST_DIGEST = text("INSERT INTO digest (addressee, day) VALUES (:addressee, :day) ON CONFLICT DO NOTHING")


def first_digest_of_the_day(session: Session, addressee: Addressee, day: date) -> bool:
    """Record that a person gets a day's list; False when they already have it, whichever process sent it."""
    values = {"addressee": str(addressee), "day": day}
    return session.connection().execute(_FIRST_DIGEST.bindparams(bindparam("day", type_=Date())), values).rowcount == 1

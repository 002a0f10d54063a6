"""Questions: every human step, the homes it suggests, and the one way to answer it."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import JSON, Date, Index, and_, bindparam, exists, func, insert, or_, text, update
from sqlalchemy import select as sa_select
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, col, select

from domain.questions.question import Answer, GivenBy, PassedOnBy, QuestionKind, Reply, Standing
from domain.questions.returned_mail import Unreached
from storage.audit.states import chain_state
from storage.columns import UtcDateTime, id_of, one_of
from storage.database import changed, write
from storage.dialect import only_where
from storage.locks import hold_case
from storage.referrals.referrals import Referral, make_due

_OPEN = text("standing = 'open'")
# What became of a question; all of it but the standing is empty while it is open.
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
FAMILY = "family"


class Question(SQLModel, table=True):
    """A question to one addressee. `asked_of` is its party, or `family`; `contact_id` the person at a party.

    `offer_id` is the home that it is about. `settled_at` is when the path has acted on the answer, or on the silence.
    `reminded_at` is the reminder before the deadline, `last_reminded_at` the one on its last day, `escalated_at` when
    the chief was told. `deputy_for` is the contact in whose place the addressee answers while they are away.
    One that was passed on is REVOKED, and says to which contact of the party, by whom and when.
    `wrong_digits` counts the wrong tries at its letter's digits; `taken_back_at` is when a family took its yes back.
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
                    ),
                    "link": ("version", "token_hash", "expires_at"),
                    "answer": ANSWER,
                    "taken_back": ("taken_back_at",),
                }
            }
        },
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(default_factory=lambda: uuid4().hex, unique=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
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
    def on_behalf(self) -> bool:
        """Whether a caseworker answers for the family."""
        return self.kind is QuestionKind.ACCEPTANCE and self.asked_of != FAMILY

    @property
    def addressee(self) -> str:
        """Whom the link is bound to."""
        return FAMILY if self.asked_of == FAMILY else f"{self.asked_of}/{self.contact_id}"

    @property
    def reply(self) -> Reply:
        """What was answered."""
        if self.answer is None:
            raise ValueError("the question has no answer")
        return Reply(self.answer, self.reason, self.vacancy_id, self.given_by)


class Digest(SQLModel, table=True):
    """That somebody got the one letter of a day that lists all that waits for them."""

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


def chain_answer(session: Session, question_id: int | None, *, now: datetime, **said: object) -> None:
    """Have the chain know what became of a question that was open."""
    answer = {"id": question_id} | dict.fromkeys(ANSWER) | said
    chain_state(session, Question, answer, now=now, parts=("answer",))


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


# From the homes to their questions: as a join, SQLite tries every open question with every home.
_TIMES_SUGGESTED = (
    sa_select(col(SuggestedHome.vacancy_id), func.count())
    .where(
        col(SuggestedHome.vacancy_id).in_(bindparam("homes", expanding=True)),
        exists().where(col(Question.id) == col(SuggestedHome.question_id), col(Question.standing) == Standing.OPEN),
    )
    .group_by(col(SuggestedHome.vacancy_id))
)


def times_suggested(session: Session, homes: Collection[int]) -> dict[int, int]:
    """In how many open questions each of some vacancies is suggested; those in none are left out."""
    return dict(session.connection().execute(_TIMES_SUGGESTED, {"homes": list(homes)}).tuples().all())


_RECORD = (
    update(Question)
    .where(
        col(Question.id) == bindparam("question_id"),
        col(Question.standing) == Standing.OPEN,
        col(Question.expires_at) > bindparam("answered_at"),
    )
    .values(
        standing=Standing.ANSWERED,
        **{
            name: bindparam(name)
            for name in ("answer", "reason", "vacancy_id", "given_by", "answered_at", "answered_by")
        },
    )
)


def record_answer(
    session: Session, question_id: int, reply: Reply, *, referral_id: int, now: datetime, by: str | None = None
) -> bool:
    """Record the answer once and make the referral due; False when the question is no longer open.

    The referral's row is locked first, as the path does, so that neither can miss the other.
    """
    hold_case(session, referral_id)
    given = {"answer": reply.answer, "reason": reply.reason, "vacancy_id": reply.vacancy_id, "given_by": reply.given_by}
    if changed(session, _RECORD, given | {"question_id": question_id, "answered_at": now, "answered_by": by}) != 1:
        return False
    chain_answer(session, question_id, now=now, standing=Standing.ANSWERED, answered_at=now, answered_by=by, **given)
    make_due(session, referral_id, now=now)
    return True


PASSED = ("passed_to", "passed_by", "passed_at", "answered_by")
_PASS_ON = (
    update(Question)
    .where(
        col(Question.id) == bindparam("question_id"),
        col(Question.standing) == Standing.OPEN,
        col(Question.expires_at) > bindparam("passed_at"),
    )
    .values(standing=Standing.REVOKED, **{name: bindparam(name) for name in PASSED})
)


def pass_on(
    session: Session, question: Question, *, to: str, by: PassedOnBy, now: datetime, who: str | None = None
) -> bool:
    """Have a colleague asked instead: the link dies, and the path asks them. False when it is no longer open.

    `who` is the contact who did it, as far as they have logged in.
    """
    hold_case(session, question.referral_id)
    values = {"passed_to": to, "passed_by": by, "passed_at": now, "answered_by": who}
    if changed(session, _PASS_ON, values | {"question_id": question.id}) != 1:
        return False
    chain_answer(session, question.id, now=now, standing=Standing.REVOKED, **values)
    make_due(session, question.referral_id, now=now)
    return True


IS_RIPE = and_(
    or_(col(Question.standing).in_((Standing.ANSWERED, Standing.OVERDUE)), col(Question.passed_to).is_not(None)),
    col(Question.settled_at).is_(None),
)
_FIRST_DIGEST = text("INSERT INTO digest (addressee, day) VALUES (:addressee, :day) ON CONFLICT DO NOTHING")


def first_digest_of_the_day(session: Session, addressee: str, day: date) -> bool:
    """Note that somebody gets a day's list; False when they have had it, whichever process was first."""
    values = {"addressee": addressee, "day": day}
    return session.connection().execute(_FIRST_DIGEST.bindparams(bindparam("day", type_=Date())), values).rowcount == 1


_FORGET_PASSED = (
    update(Question)
    .where(
        col(Question.referral_id) == bindparam("of_referral"),
        col(Question.kind).in_(bindparam("kinds", expanding=True)),
        col(Question.passed_to).is_not(None),
        col(Question.settled_at).is_(None),
    )
    .values(settled_at=bindparam("now"))
)


def forget_passed(session: Session, referral_id: int, kinds: Collection[QuestionKind], *, now: datetime) -> None:
    """Ask no colleague any more what was passed on and not yet acted on."""
    changed(session, _FORGET_PASSED, {"of_referral": referral_id, "kinds": list(kinds), "now": now})


# Built once: a statement that every move makes costs more to build than to carry out.
_RIPE = (
    select(Question)
    .where(
        col(Question.referral_id) == bindparam("referral_id"),
        col(Question.kind) == bindparam("kind"),
        IS_RIPE,
    )
    .order_by(col(Question.answered_at), col(Question.id))
)


def ripe(session: Session, referral_id: int, kind: QuestionKind) -> list[Question]:
    """Questions whose answer, silence or passing on the path has not acted on; oldest answer first."""
    return list(session.exec(_RIPE, params={"referral_id": referral_id, "kind": kind}))


def has_moved_in(session: Session, referral: Referral) -> bool:
    """Whether the association has said that the family has moved in, though the path has not acted on it yet."""
    answers = ripe(session, id_of(referral), QuestionKind.MOVE_IN)
    return any(question.answer is Answer.YES for question in answers)


_SETTLE = update(Question).where(col(Question.id) == bindparam("settled_id")).values(settled_at=bindparam("settled_at"))


def settle(session: Session, questions: Collection[Question], *, now: datetime) -> None:
    """Note that the path has acted on some questions."""
    for question in questions:
        changed(session, _SETTLE, {"settled_id": question.id, "settled_at": now})
        set_committed_value(question, "settled_at", now)


_REVOKE = (
    update(Question)
    .where(col(Question.id) == bindparam("revoked_id"))
    .values(standing=Standing.REVOKED, settled_at=bindparam("settled_at"))
)


def revoke(session: Session, question: Question, *, now: datetime) -> None:
    """Close a question that nobody need answer any more."""
    changed(session, _REVOKE, {"revoked_id": question.id, "settled_at": now})
    chain_answer(session, question.id, now=now, standing=Standing.REVOKED)
    set_committed_value(question, "standing", Standing.REVOKED)
    set_committed_value(question, "settled_at", now)

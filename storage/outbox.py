"""The outbox: everything that must be told, by kind and ids, never as text, until it is acknowledged."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ColumnElement, Index, bindparam, func, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from domain.questions.addressee import Addressee
from domain.subject import About, Subject
from storage.audit.states import chain_state
from storage.columns import UtcDateTime, id_of, one_of
from storage.database import write_at_end
from storage.dialect import only_where
from storage.lanes import open_lane

MAIL_LANE = "mail"

# The code, on the attention list and in its row, of a letter that a person must post.
BY_HAND = "letter_by_hand"
# In `last_error`: a person has posted the letter; kept so that they can say that it was not posted after all.
BY_POST = "posted_by_hand"
# In both: a person has printed the letter. They may have posted it, so no system sends it automatically.
PRINTED = "letter_printed"


def letter_subject(row: "OutboxRow") -> Subject:
    """The subject of the attention item about a letter that a person must post."""
    return About.LETTER.of(id_of(row))


def families_lane(municipality: str) -> str:
    """The lane of a municipality's letters to families, however they are sent."""
    return f"{municipality}/letters"


def party_of_lane(lane: str) -> str:
    """The party that a lane leads to; behind a slash it says which of theirs it is."""
    return lane.partition("/")[0]


class Telling(StrEnum):
    """What is told: a letter, or a call to a partner's system."""

    SIGN_OFF_REQUESTED = "sign_off_requested"
    FEWER_ALIKE_REQUESTED = "fewer_alike_requested"
    OFFER_REQUESTED = "offer_requested"
    APPROVAL_REQUESTED = "approval_requested"
    ACCEPTANCE_REQUESTED = "acceptance_requested"
    ACCEPTANCE_RECORDED = "acceptance_recorded"
    MOVE_IN_REQUESTED = "move_in_requested"
    MONTH_REQUESTED = "month_requested"
    CLAIM_REQUESTED = "claim_requested"
    CLAIM_SECOND_REQUESTED = "claim_second_requested"
    CLAIM_ANSWERED = "claim_answered"
    ANSWER_REMINDER = "answer_reminder"
    ANSWER_ON_PAGE = "answer_on_page"
    ANSWER_OVERDUE = "answer_overdue"
    DIGEST = "digest"
    REQUEST_RECALLED = "request_recalled"
    FAMILY_HOUSED = "family_housed"
    REFERRAL_STOPPED = "referral_stopped"
    NOT_REFERRED = "not_referred"
    REFERRED_BY_ONE = "referred_by_one"
    HOME_NOT_APPROVED = "home_not_approved"
    CEILING_REACHED = "ceiling_reached"
    AUDIT_CHECKPOINT = "audit_checkpoint"
    RECEIPT = "receipt"
    RESERVE = "reserve"
    RELEASE = "release"
    DISCLOSE = "disclose"
    RECALL = "recall"
    HAND_OVER = "hand_over"
    TAKE_BACK = "take_back"
    POSTING = "posting"

    @property
    def asks(self) -> bool:
        """Whether it is a letter that asks for an answer, for the first time or again."""
        return self.endswith("_requested") or self in (Telling.ANSWER_REMINDER, Telling.ANSWER_ON_PAGE)


class OutboxStanding(StrEnum):
    """A row's state: waiting, told, no longer worth telling, or refused.

    BY_HAND is a letter to a family that no system takes: a person prints it, and records when it was posted.
    """

    WAITING = "waiting"
    BY_HAND = "by_hand"
    DELIVERED = "delivered"
    MOOT = "moot"
    REFUSED = "refused"


_WAITING = text("standing = 'waiting'")
WAITS_FOR_A_PERSON = (OutboxStanding.REFUSED, OutboxStanding.BY_HAND)
_NAMES = ("referral_id", "question_id", "offer_id", "entry_id", "receipt_id", "checkpoint_seq")


class OutboxRow(SQLModel, table=True):
    """One thing to tell one party. `lane` is its destination: a lane waits only for itself.

    `addressee` is `<party>/<contact>` or `family` for a letter, and the party for a call. The row does not say how a
    letter to a family is sent: that is decided when it is told.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_waiting", "lane", "id", **only_where(_WAITING)),
        {
            "info": {
                "chained_parts": {
                    "outbox": ("telling", "lane", "key", "addressee", *_NAMES, "created_at"),
                    "told": ("standing", "ended_at"),
                },
                "named_by": "key",
            }
        },
    )

    id: int | None = Field(default=None, primary_key=True)
    telling: Telling = Field(sa_type=one_of(Telling, "outbox_telling"))
    lane: str
    key: str = Field(default_factory=lambda: uuid4().hex, unique=True)
    addressee: str
    referral_id: int | None = Field(default=None, foreign_key="referral.id", index=True)
    question_id: int | None = Field(default=None, foreign_key="question.id")
    offer_id: int | None = Field(default=None, foreign_key="offer.id")
    entry_id: int | None = Field(default=None, foreign_key="ledger_entry.id")
    receipt_id: int | None = Field(default=None, foreign_key="flag_receipt.id")
    checkpoint_seq: int | None = Field(default=None, foreign_key="audit_checkpoint.seq")
    created_at: datetime = Field(sa_type=UtcDateTime)
    standing: OutboxStanding = Field(default=OutboxStanding.WAITING, sa_type=one_of(OutboxStanding, "outbox_standing"))
    last_error: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_NAMES_NOTHING = dict.fromkeys(_NAMES)
_WAITS = {"standing": OutboxStanding.WAITING, "ended_at": None}


def put(
    session: Session, telling: Telling, *, to: Addressee | str, lane: str, now: datetime, **ids: int | None
) -> None:
    """Put a row in the outbox, in the transaction that decided it: a letter to an addressee, or a call to a party.

    `ids` are the rows that it names.
    """
    _put(session, _new_row(telling, to, lane, now) | _WAITS | ids, now=now)


def put_once(
    session: Session, telling: Telling, *, key: str, to: Addressee | str, lane: str, now: datetime, **ids: int | None
) -> None:
    """Put a row in the outbox that must be told only once, whatever happens to the database (domain/told_once.py)."""
    _put(session, _new_row(telling, to, lane, now) | _WAITS | {"key": key} | ids, now=now)


def put_aside(
    session: Session, telling: Telling, *, to: Addressee | str, lane: str, now: datetime, **ids: int | None
) -> None:
    """Put a row in the outbox that is told only when a person has it told, from the attention list."""
    _put(session, _new_row(telling, to, lane, now) | _WAITS | {"standing": OutboxStanding.REFUSED} | ids, now=now)


def _put(session: Session, row: dict[str, object], *, now: datetime) -> None:
    open_lane(session, str(row["lane"]))
    write_at_end(session, OutboxRow, {name: fact for name, fact in row.items() if name != "ended_at"})
    chain_state(session, OutboxRow, row, now=now)


def _new_row(telling: Telling, to: Addressee | str, lane: str, now: datetime) -> dict[str, object]:
    row = {"telling": telling, "lane": lane, "key": uuid4().hex, "addressee": str(to), "created_at": now}
    return row | _NAMES_NOTHING


def last_about(session: Session, telling: Telling, *, question_id: int) -> OutboxRow | None:
    """The newest row of a kind about a question."""
    query = select(OutboxRow).where(OutboxRow.telling == telling, OutboxRow.question_id == question_id)
    return session.exec(query.order_by(col(OutboxRow.id).desc()).limit(1)).first()


def lies_aside(session: Session, telling: Telling, *, question_id: int) -> bool:
    """Whether a row of this kind about a question is set aside until a person has it told."""
    last = last_about(session, telling, question_id=question_id)
    return last is not None and last.standing in WAITS_FOR_A_PERSON


_OLDEST = (
    select(OutboxRow)
    .where(col(OutboxRow.lane) == bindparam("lane"), _WAITING)
    .order_by(col(OutboxRow.id))
    .limit(bindparam("most"))
)


def waiting(session: Session, lane: str, *, most: int) -> list[OutboxRow]:
    """The oldest rows of a lane that wait to be told."""
    return list(session.exec(_OLDEST, params={"lane": lane, "most": most}))


_END = (
    update(OutboxRow)
    .where(col(OutboxRow.id) == bindparam("ended_id"))
    .values(**{name: bindparam(name) for name in ("standing", "ended_at", "last_error")})
)


def end(
    session: Session, rows: Iterable[OutboxRow], standing: OutboxStanding, *, now: datetime, error: str | None = None
) -> None:
    """Close rows as told, moot or refused."""
    said = {"standing": standing, "ended_at": now}
    ended = []
    for row in rows:
        ended.append({"ended_id": row.id, "last_error": error, **said})
        chain_state(session, OutboxRow, {"key": row.key, **said}, now=now, parts=("told",))
    if ended:
        session.connection().execute(_END, ended)


_WAIT_AGAIN = (
    update(OutboxRow)
    .where(col(OutboxRow.standing).in_(WAITS_FOR_A_PERSON), col(OutboxRow.last_error).is_distinct_from(PRINTED))
    .values(**_WAITS)
)


def wait_again(session: Session, *which: ColumnElement[bool], now: datetime) -> None:
    """Have rows told again that were refused or set aside for a person; never a letter that was printed."""
    found = session.connection().execute(_WAIT_AGAIN.where(*which).returning(col(OutboxRow.key)))
    for key in found.scalars():
        chain_state(session, OutboxRow, {"key": key, **_WAITS}, now=now, parts=("told",))


def last_put(session: Session, telling: Telling) -> datetime | None:
    """When a row of a kind was last put here."""
    return session.exec(select(func.max(OutboxRow.created_at)).where(OutboxRow.telling == telling)).one()


def count_by_standing(session: Session) -> dict[OutboxStanding, int]:
    """How many rows have each standing."""
    query = select(OutboxRow.standing, func.count()).group_by(col(OutboxRow.standing))
    return {OutboxStanding(standing): count for standing, count in session.exec(query)}

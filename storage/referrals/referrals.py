"""Referrals: the row, its one way to move, and when it is looked at again."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, bindparam, text, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.anonymity.request import period_of, pseudonym
from domain.errors import MovedMeanwhile
from domain.referrals.household import FamilyAnswersBy, Language, Need
from domain.referrals.lifecycle import Status, WithdrawalReason, advance
from storage.columns import UtcDateTime, id_of, one_of
from storage.database import changed
from storage.dialect import only_where
from storage.locks import Lock, holding, taking

_STILL_OPEN = text("status NOT IN ('closed', 'withdrawn')")


class Referral(SQLModel, table=True):
    """A referral (henvisning): banded facts and where it rests. Who the family is lies in the vault.

    `due_at` is when a worker should look again; None while the case waits for others. `disclosure_due_at` is when the
    parties may be told who the family is: set by its yes, None again once they were told or the yes was taken back.
    """

    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("sending_municipality", "flag_id"),
        Index(
            "one_open_referral_a_case",
            "sending_municipality",
            "case_id",
            unique=True,
            **only_where(_STILL_OPEN),
        ),
        Index("referral_due", "status", "due_at"),
        Index("referral_due_at", "due_at"),
        CheckConstraint("persons BETWEEN 1 AND 20", name="persons_in_range"),
        CheckConstraint("rooms_min BETWEEN 1 AND 10", name="rooms_in_range"),
        CheckConstraint("rent_max_monthly_ore > 0", name="rent_positive"),
        CheckConstraint("version > 0", name="version_positive"),
        CheckConstraint("children BETWEEN 0 AND 19", name="children_in_range"),
        {
            "info": {
                "chained_parts": {
                    "case": (
                        "reference",
                        "case_key",
                        "sending_municipality",
                        "case_id",
                        "agreement_version_id",
                        "received_at",
                    )
                }
            }
        },
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)
    case_key: str = Field(unique=True, max_length=32)
    status: Status = Field(sa_type=one_of(Status, "referral_status"))
    status_since: datetime = Field(sa_type=UtcDateTime)
    version: int = 1
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0

    agreement_version_id: int = Field(foreign_key="agreement_version.id")
    sending_municipality: str = Field(foreign_key="municipality.code")
    flag_id: str
    case_id: str
    flagged_by: str
    received_at: datetime = Field(sa_type=UtcDateTime)
    language: Language = Field(sa_type=one_of(Language, "referral_language"))
    answers_by: FamilyAnswersBy = Field(sa_type=one_of(FamilyAnswersBy, "referral_answers_by"))

    from_area_id: int | None = Field(default=None, foreign_key="area.id")
    # In the form in which names are compared, when the flag named an unknown area.
    from_area_name: str | None = None
    outside_labour_market: int
    persons: int
    rooms_min: int
    rent_max_monthly_ore: int
    move_in_from: date
    step_free: bool
    wanted_region: str | None = None
    children: int = Field(default=0, sa_column_kwargs={"server_default": "0"})

    parked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disclosure_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stop_requested: WithdrawalReason | None = Field(
        default=None, sa_type=one_of(WithdrawalReason, "referral_stop_requested")
    )
    moved_out_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def need(self) -> Need:
        """What a home must offer."""
        return Need(
            self.persons,
            self.rooms_min,
            self.rent_max_monthly_ore,
            self.move_in_from,
            self.step_free,
            self.wanted_region,
            self.children,
        )

    def pseudonym_for(self, association: str, *, key: bytes) -> str:
        """The name under which an association knows this case."""
        period = period_of(self.received_at.date())
        return pseudonym(key, recipient=association, period=period, case_key=self.case_key)


def referral_by_reference(session: Session, reference: str) -> Referral | None:
    """The referral of a case reference."""
    return session.exec(select(Referral).where(Referral.reference == reference)).one_or_none()


_MOVED = ("status", "status_since", "version", "due_at", "attempts", "disclosure_due_at")
# Built once: for a statement that every move runs, building costs more than running.
_MOVE = (
    update(Referral)
    .where(
        col(Referral.id) == bindparam("moved_id"),
        col(Referral.status) == bindparam("was"),
        col(Referral.version) == bindparam("known_version"),
    )
    .values(**{name: bindparam(name) for name in _MOVED})
)


def move(
    session: Session,
    referral: Referral,
    to: Status,
    *,
    now: datetime,
    due_at: datetime | None,
    disclosure_due_at: datetime | None = None,
) -> None:
    """Move a referral by compare-and-swap on (status, version); `MovedMeanwhile` when another was first."""
    known = {"moved_id": referral.id, "was": referral.status, "known_version": referral.version}
    moved = {
        "status": advance(referral.status, to),
        "status_since": now,
        "version": referral.version + 1,
        "due_at": due_at,
        "attempts": 0,
        "disclosure_due_at": disclosure_due_at,
    }
    if changed(session, _MOVE, known | moved) != 1:
        raise MovedMeanwhile(referral.reference)
    for name, value in moved.items():
        set_committed_value(referral, name, value)


_REST = (
    update(Referral).where(col(Referral.id) == bindparam("resting_id")).values(due_at=bindparam("due_at"), attempts=0)
)


def rest(session: Session, referral: Referral, until: datetime | None) -> None:
    """Leave a held referral where it is, until somebody answers or until a moment."""
    changed(session, _REST, {"resting_id": referral.id, "due_at": until})
    set_committed_value(referral, "due_at", until)
    set_committed_value(referral, "attempts", 0)


_DISCLOSED = (
    update(Referral)
    .where(col(Referral.id) == bindparam("disclosed_id"))
    .values(disclosure_due_at=None, due_at=None, attempts=0)
)


def was_disclosed(session: Session, referral: Referral) -> None:
    """Note that the parties were told who a family is; the referral rests until the move-in."""
    changed(session, _DISCLOSED, {"disclosed_id": referral.id})
    for name, value in {"disclosure_due_at": None, "due_at": None, "attempts": 0}.items():
        set_committed_value(referral, name, value)


_MAKE_DUE = update(Referral).where(col(Referral.id) == bindparam("due_id")).values(due_at=bindparam("now"))


def make_due(session: Session, referral_id: int, *, now: datetime) -> None:
    """Make a worker look at a referral at once."""
    changed(session, _MAKE_DUE, {"due_id": referral_id, "now": now})


def look_again(session: Session, referral: Referral, moment: datetime) -> None:
    """Make a worker look at a held referral again at a moment; the count of failures is kept."""
    make_due(session, id_of(referral), now=moment)
    set_committed_value(referral, "due_at", moment)


def request_stop(session: Session, referral_id: int, reason: WithdrawalReason, *, now: datetime) -> None:
    """Ask for the referral to be withdrawn; the path stops it within one run."""
    open_still = update(Referral).where(col(Referral.id) == referral_id, col(Referral.status) != Status.WITHDRAWN)
    session.execute(open_still.values(stop_requested=reason, due_at=now))


_THIS = select(Referral).where(col(Referral.id) == bindparam("id"))
_LOCK, _SKIP_LOCKED = holding(_THIS), holding(_THIS, skip_locked=True)


def lock(session: Session, referral_id: int, *, skip_locked: bool = False) -> Referral | None:
    """The referral's row, locked until the transaction ends; None when another holds it and `skip_locked` is set."""
    taking(session, Lock.CASE, referral_id)
    return session.exec(_SKIP_LOCKED if skip_locked else _LOCK, params={"id": referral_id}).one_or_none()


# Ordered, or PostgreSQL reads the whole table when it guesses that many referrals are due.
_ANYTHING_DUE = text("SELECT 1 FROM referral WHERE due_at <= :now ORDER BY due_at LIMIT 1").bindparams(
    bindparam("now", type_=UtcDateTime())
)


def anything_due(session: Session, *, now: datetime) -> bool:
    """Whether a referral is due. As SQL, because an idle worker asks it all the time."""
    return session.connection().execute(_ANYTHING_DUE, {"now": now}).first() is not None

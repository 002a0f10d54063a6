"""Referrals: the row, its one way to move, its exclusions and its history."""

import re
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, bindparam, text, update
from sqlalchemy import select as sa_select
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from domain.errors import MovedMeanwhile
from domain.referrals.household import FamilyAnswersBy, Language, Need
from domain.referrals.lifecycle import Effect, Status, WithdrawalReason, advance
from storage.columns import UtcDateTime, id_of, one_of
from storage.database import changed, write, write_at_end
from storage.dialect import only_where
from storage.locks import HELD, Lock, holding, taking

_STILL_OPEN = text("status NOT IN ('closed', 'withdrawn')")


class Referral(SQLModel, table=True):
    """A referral (henvisning): banded facts and where it rests. Who the family is lies in the vault.

    `due_at` is when a worker should look again; None while it waits for somebody else. `disclosure_due_at` is when who
    the family is may be told: set by its yes, None again when that was told or the yes taken back.
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
    # As names are compared, where the flag named an area that nobody knew.
    from_area_name: str | None = None
    outside_labour_market: int
    persons: int
    rooms_min: int
    rent_max_monthly_ore: int
    move_in_from: date
    step_free: bool
    wanted_region: str | None = None

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
        )


class ReferenceCounter(SQLModel, table=True):
    """The last number given out in a year."""

    __tablename__ = "reference_counter"

    year: int = Field(primary_key=True)
    last: int


class Exclusion(SQLModel, table=True):
    """What earlier declines took out of a referral's search: a home's id, an association, a municipality."""

    __tablename__ = "exclusion"
    __table_args__ = (UniqueConstraint("referral_id", "effect", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    effect: Effect = Field(sa_type=one_of(Effect, "exclusion_effect"))
    value: str


class HistoryLine(SQLModel, table=True):
    """Who did what, when, why, in which flow run. Append-only, by trigger."""

    __tablename__ = "history_line"
    __table_args__ = {"info": {"chained_as": "history"}}

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    deed: str
    from_status: Status | None = Field(default=None, sa_type=one_of(Status, "history_from_status"))
    to_status: Status | None = Field(default=None, sa_type=one_of(Status, "history_to_status"))
    reason: str | None = None
    flow_run_id: str | None = None


def write_history(session: Session, referral_id: int, *, at: datetime, actor: str, deed: str, **facts: object) -> None:
    """Append a line of history."""
    line = {"referral_id": referral_id, "at": at, "actor": actor, "deed": deed}
    write_at_end(session, HistoryLine, line | _WITHOUT_MORE | facts)


# Lines that are written together have the same facts.
_WITHOUT_MORE = dict.fromkeys(("from_status", "to_status", "reason", "flow_run_id"))


def next_reference(session: Session, *, year: int) -> str:
    """The next case reference of a year, `TF-2026-00042`, taken within the transaction."""
    taking(session, Lock.NUMBERS, year)
    # In one statement: of two who are the first of a year, neither finds the row there.
    return f"TF-{year}-{session.connection().execute(_NEXT, {'year': year}).scalar_one():05d}"


_NEXT = text(
    "INSERT INTO reference_counter (year, last) VALUES (:year, 1)"
    " ON CONFLICT (year) DO UPDATE SET last = reference_counter.last + 1 RETURNING last"
)


def skip_references(session: Session, *, year: int, to: int) -> None:
    """Give out no number of a year up to this one: it may be another case's elsewhere."""
    taking(session, Lock.NUMBERS, year)
    counter = session.get(ReferenceCounter, year, with_for_update=HELD) or ReferenceCounter(year=year, last=0)
    counter.last = max(counter.last, to)
    session.add(counter)


_REFERENCE = re.compile(r"TF-(20[0-9]{2})-([0-9]{5,9})")


def number_of(reference: str) -> tuple[int, int] | None:
    """The year and the number of a case reference; None when it is none of ours."""
    found = _REFERENCE.fullmatch(reference)
    return (int(found[1]), int(found[2])) if found else None


def referral_by_reference(session: Session, reference: str) -> Referral | None:
    """The referral of a case reference."""
    return session.exec(select(Referral).where(Referral.reference == reference)).one_or_none()


_MOVED = ("status", "status_since", "version", "due_at", "attempts", "disclosure_due_at")
# Built once: a statement that every move makes costs more to build than to carry out.
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


_EXCLUSIONS = sa_select(col(Exclusion.effect), col(Exclusion.value)).where(
    col(Exclusion.referral_id) == bindparam("referral_id")
)


def exclusions(session: Session, referral_id: int) -> dict[Effect, frozenset[str]]:
    """What is out of the search, by kind."""
    found: dict[Effect, set[str]] = {}
    for effect, value in session.connection().execute(_EXCLUSIONS, {"referral_id": referral_id}):
        found.setdefault(effect, set()).add(value)
    return {effect: frozenset(values) for effect, values in found.items()}


def exclude(session: Session, referral_id: int, effect: Effect, value: str) -> None:
    """Take a home, an association or a municipality out of the search; saying it twice is saying it once."""
    if value not in exclusions(session, referral_id).get(effect, frozenset()):
        write(session, Exclusion(referral_id=referral_id, effect=effect, value=value))


_REST = (
    update(Referral).where(col(Referral.id) == bindparam("resting_id")).values(due_at=bindparam("due_at"), attempts=0)
)


def rest(session: Session, referral: Referral, until: datetime | None) -> None:
    """Leave a referral that is held where it is: until somebody answers, or until a moment."""
    changed(session, _REST, {"resting_id": referral.id, "due_at": until})
    set_committed_value(referral, "due_at", until)
    set_committed_value(referral, "attempts", 0)


_DISCLOSED = (
    update(Referral)
    .where(col(Referral.id) == bindparam("disclosed_id"))
    .values(disclosure_due_at=None, due_at=None, attempts=0)
)


def was_disclosed(session: Session, referral: Referral) -> None:
    """Note that it was told who a family is; its referral rests until the move."""
    changed(session, _DISCLOSED, {"disclosed_id": referral.id})
    for name, value in {"disclosure_due_at": None, "due_at": None, "attempts": 0}.items():
        set_committed_value(referral, name, value)


_MAKE_DUE = update(Referral).where(col(Referral.id) == bindparam("due_id")).values(due_at=bindparam("now"))


def make_due(session: Session, referral_id: int, *, now: datetime) -> None:
    """Have a worker look at a referral at once."""
    changed(session, _MAKE_DUE, {"due_id": referral_id, "now": now})


def look_again(session: Session, referral: Referral, moment: datetime) -> None:
    """Have a referral that is held looked at again at a moment; how often it has failed is not forgotten."""
    make_due(session, id_of(referral), now=moment)
    set_committed_value(referral, "due_at", moment)


def request_stop(session: Session, referral_id: int, reason: WithdrawalReason, *, now: datetime) -> None:
    """Ask for the referral to be withdrawn; the path stops it within one run."""
    open_still = update(Referral).where(col(Referral.id) == referral_id, col(Referral.status) != Status.WITHDRAWN)
    session.execute(open_still.values(stop_requested=reason, due_at=now))


_THIS = select(Referral).where(col(Referral.id) == bindparam("id"))
_LOCK, _SKIP_LOCKED = holding(_THIS), holding(_THIS, skip_locked=True)


def lock(session: Session, referral_id: int, *, skip_locked: bool = False) -> Referral | None:
    """The referral's row, held until the transaction ends; None when another holds it and we may skip it."""
    taking(session, Lock.CASE, referral_id)
    return session.exec(_SKIP_LOCKED if skip_locked else _LOCK, params={"id": referral_id}).one_or_none()


# In order, or PostgreSQL reads the table through when it guesses that many are due.
_ANYTHING_DUE = text("SELECT 1 FROM referral WHERE due_at <= :now ORDER BY due_at LIMIT 1").bindparams(
    bindparam("now", type_=UtcDateTime())
)


def anything_due(session: Session, *, now: datetime) -> bool:
    """Whether a worker has something to look at. As SQL, because an idle worker asks it all the time."""
    return session.connection().execute(_ANYTHING_DUE, {"now": now}).first() is not None

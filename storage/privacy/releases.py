"""What was sent about unnamed families, each time with how anonymous it was; and which requests wait."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import JSON, Index, bindparam, delete, func
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, select

from domain.anonymity.measure import AnonymityTerms, FewAlike, Measured, Seen, Steps, steps_of
from domain.anonymity.newcomer import MeasuredNewcomer, Presented
from domain.referrals.lifecycle import Status
from storage.columns import UtcDateTime
from storage.database import write
from storage.referrals.referrals import Referral

# Deeds in the history: a person allows sending a request with fewer alike, and it is sent so.
FEWER_ALIKE_ALLOWED = "send_with_fewer_alike"
SENT_WITH_FEWER_ALIKE = "sent_with_fewer_alike"
# How the question about it stores it.
FEW_ALIKE = TypeAdapter(FewAlike)


class Release(SQLModel, table=True):
    """One telling about an unnamed family: to whom, how coarsely, and how many families look the same in it.

    `alike_seeking` counts the seeking families that look the same to the recipient, `alike_released` those of them that
    this recipient was told of in the same words, and `crowd` all seeking families that it could be asked about. `least`
    and `wanted` are the thresholds of that day. Requests of one sending that look the same share their `released_at`.
    """

    __tablename__ = "release"
    __table_args__ = (
        Index("release_seen", "recipient", "seen", "released_at"),
        Index("release_at", "released_at"),
        {"info": {"chained_as": "release"}},
    )

    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    recipient: str
    released_at: datetime = Field(sa_type=UtcDateTime)
    # A digest of what was shown, by which releases that look the same are found.
    seen: str
    steps: dict[str, str] = Field(sa_type=JSON)
    loss: int
    alike_seeking: int
    alike_released: int
    crowd: int
    least: int
    wanted: int


class ReleaseWait(SQLModel, table=True):
    """A request that waits because too few families are like it.

    `least` is the number alike with which a person has chosen to have it sent anyway; None while nobody has.
    """

    __tablename__ = "release_wait"

    referral_id: int = Field(foreign_key="referral.id", primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    crowd: int
    least: int | None = None


class LinedUp(SQLModel, table=True):
    """A request that waits for the next sending to a recipient; `missed` sending days have found too few alike."""

    __tablename__ = "lined_up"

    referral_id: int = Field(foreign_key="referral.id", primary_key=True)
    recipient: str = Field(primary_key=True, index=True)
    due_at: datetime = Field(sa_type=UtcDateTime)
    missed: int = 0


def digest_of(seen: tuple[object, ...]) -> str:
    """A digest of what is shown, to find the same again."""
    return blake2b(repr(tuple(seen)).encode(), digest_size=16).hexdigest()


_TOLD = sa_select(col(Release.referral_id), col(Release.steps)).where(
    col(Release.recipient) == bindparam("recipient"), col(Release.referral_id).in_(bindparam("ids", expanding=True))
)


def told_before(session: Session, recipient: str, referral_ids: Collection[int]) -> dict[int, Steps]:
    """The least coarse steps at which a recipient was told of each family under its name."""
    found: dict[int, Steps] = {}
    for id_, names in session.connection().execute(_TOLD, {"recipient": recipient, "ids": list(referral_ids)}):
        steps = steps_of(names)
        found[id_] = tuple(map(min, steps, found.get(id_, steps)))
    return found


_HAD_ALIKE = sa_select(func.count(func.distinct(col(Release.referral_id)))).where(
    col(Release.recipient) == bindparam("recipient"),
    col(Release.seen) == bindparam("seen"),
    col(Release.released_at) >= bindparam("since", type_=UtcDateTime()),
    col(Release.referral_id) != bindparam("but"),
)


def others_had(session: Session, recipient: str, seen: Seen | Presented, *, since: datetime, but: int) -> int:
    """How many other families that look the same a recipient was told of since then."""
    values = {"recipient": recipient, "seen": digest_of(seen), "since": since, "but": but}
    return session.connection().execute(_HAD_ALIKE, values).scalar_one()


def write_release(
    session: Session,
    referral_id: int,
    found: Measured | MeasuredNewcomer,
    terms: AnonymityTerms,
    *,
    to: str,
    at: datetime,
) -> None:
    """Record that a recipient was told of a family, and how anonymous that was."""
    since = at - timedelta(days=terms.window_days)
    others = others_had(session, to, found.seen, since=since, but=referral_id)
    release = Release(
        referral_id=referral_id,
        recipient=to,
        released_at=at,
        seen=digest_of(found.seen),
        steps=found.names,
        loss=found.loss,
        alike_seeking=found.alike,
        alike_released=others + 1,
        crowd=found.crowd,
        least=terms.least,
        wanted=terms.wanted,
    )
    write(session, release)


def wait_for_others(session: Session, referral_id: int, *, crowd: int, now: datetime) -> ReleaseWait:
    """Record that a request waits; if it waits already, it keeps its beginning."""
    waits = session.get(ReleaseWait, referral_id) or ReleaseWait(referral_id=referral_id, since=now, crowd=crowd)
    waits.crowd = crowd
    session.add(waits)
    return waits


_WAITS_NO_MORE = delete(ReleaseWait).where(col(ReleaseWait.referral_id) == bindparam("of"))


def waits_no_more(session: Session, referral_id: int) -> bool:
    """End a request's wait, as it was sent or is no longer needed; returns whether it waited."""
    return session.connection().execute(_WAITS_NO_MORE, {"of": referral_id}).rowcount == 1


def line_up(
    session: Session, referral_id: int, recipients: Collection[str], *, next_sending: datetime
) -> dict[str, LinedUp]:
    """Have a request wait for exactly these recipients; where it waits already it keeps its place."""
    known = lined_up(session, referral_id)
    for recipient in known.keys() - recipients:
        session.delete(known.pop(recipient))
    for recipient in recipients:
        if recipient not in known:
            known[recipient] = LinedUp(referral_id=referral_id, recipient=recipient, due_at=next_sending)
            session.add(known[recipient])
    return known


_LINED_UP = select(LinedUp).where(LinedUp.referral_id == bindparam("of"))


def lined_up(session: Session, referral_id: int) -> dict[str, LinedUp]:
    """The lines in which a request waits, by recipient."""
    return {row.recipient: row for row in session.exec(_LINED_UP, params={"of": referral_id})}


_IS_LINED_UP = select(LinedUp.due_at).where(
    LinedUp.referral_id == bindparam("of"), LinedUp.recipient == bindparam("to")
)


def is_lined_up(session: Session, referral_id: int, recipient: str) -> bool:
    """Whether a request waits for a recipient."""
    found = session.connection().execute(_IS_LINED_UP, {"of": referral_id, "to": recipient})
    return found.first() is not None


class InLine(NamedTuple):
    """A request that waits for a recipient, with what may be told of its family."""

    referral_id: int
    recipient: str
    due_at: datetime
    agreement_version_id: int
    rooms_min: int
    rent_max_monthly_ore: int
    move_in_from: date
    step_free: bool
    wanted_region: str | None
    least: int | None


_IN_LINE = (
    sa_select(
        col(LinedUp.referral_id),
        col(LinedUp.recipient),
        col(LinedUp.due_at),
        col(Referral.agreement_version_id),
        col(Referral.rooms_min),
        col(Referral.rent_max_monthly_ore),
        col(Referral.move_in_from),
        col(Referral.step_free),
        col(Referral.wanted_region),
        col(ReleaseWait.least),
    )
    .join(Referral, col(Referral.id) == col(LinedUp.referral_id))
    .outerjoin(ReleaseWait, col(ReleaseWait.referral_id) == col(LinedUp.referral_id))
    .where(col(Referral.status) == Status.SEEKING, col(Referral.stop_requested).is_(None))
    .order_by(col(LinedUp.recipient), col(LinedUp.referral_id))
)


def in_line(session: Session) -> list[InLine]:
    """Every request that waits for a sending."""
    return [InLine._make(row) for row in session.connection().execute(_IN_LINE)]


_LEAVE_LINE = delete(LinedUp).where(
    col(LinedUp.referral_id) == bindparam("of"), col(LinedUp.recipient) == bindparam("to")
)


def leave_line(session: Session, referral_id: int, recipient: str) -> None:
    """Take a request out of one recipient's line."""
    session.connection().execute(_LEAVE_LINE, {"of": referral_id, "to": recipient})


_LINED_UP_NO_MORE = delete(LinedUp).where(col(LinedUp.referral_id) == bindparam("of"))


def lined_up_no_more(session: Session, referral_id: int) -> None:
    """Take a case's requests out of all lines: an association has offered a home, or the case has ended."""
    session.connection().execute(_LINED_UP_NO_MORE, {"of": referral_id})

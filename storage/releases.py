"""Requests that were sent to associations, each with how anonymous it was, and those that wait for others like them."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

from pydantic import TypeAdapter
from sqlalchemy import JSON, Index, bindparam, delete, func, or_, text
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col

from domain.lifecycle import Status
from domain.release import AnonymityTerms, Crowd, FewAlike, Measured, Seen, Sought, loss, names_of
from storage.columns import UtcDateTime
from storage.database import write
from storage.referrals import HistoryLine, Referral

# The deeds in the history: a person allows that a request is sent with fewer alike, and so it is sent.
FEWER_ALIKE_ALLOWED = "send_with_fewer_alike"
SENT_WITH_FEWER_ALIKE = "sent_with_fewer_alike"
# As the question that tells of it keeps it.
FEW_ALIKE = TypeAdapter(FewAlike)


class Release(SQLModel, table=True):
    """That a request was sent: to whom, how coarse, and among how many it was one of those that look the same.

    `alike_seeking` counts the families that were seeking, `alike_released` those of them whose request this recipient
    has had; `crowd` is all that were seeking. `least` and `wanted` are the thresholds of the day.
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
    # A digest of what was shown, to find those that look the same by.
    seen: str
    steps: dict[str, str] = Field(sa_type=JSON)
    loss: int
    alike_seeking: int
    alike_released: int
    crowd: int
    least: int
    wanted: int


class ReleaseWait(SQLModel, table=True):
    """That a request waits, because too few families are like it.

    `least` is with how few a person has chosen to have it sent all the same; None while nobody has.
    """

    __tablename__ = "release_wait"

    referral_id: int = Field(foreign_key="referral.id", primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    crowd: int
    least: int | None = None


_was_seeking = sa_select(col(HistoryLine.referral_id)).where(
    col(HistoryLine.from_status) == Status.SEEKING, col(HistoryLine.at) >= bindparam("since", type_=UtcDateTime())
)
_SHOWN = (
    col(Referral.rooms_min),
    col(Referral.rent_max_monthly_ore),
    col(Referral.move_in_from),
    col(Referral.step_free),
    col(Referral.wanted_region),
    col(Referral.agreement_version_id),
)
_SEEKING = (
    sa_select(*_SHOWN, func.count())
    .where(or_(col(Referral.status) == Status.SEEKING, col(Referral.id).in_(_was_seeking)))
    .group_by(*_SHOWN)
)


def crowd_since(session: Session, since: datetime, *, regions: Mapping[int, str | None]) -> Crowd:
    """The families that were seeking at any time since then.

    `regions` holds where each agreement version houses those who do not mind.
    """
    seeking = Counter[Sought]()
    for rooms, rent, move_in, step_free, wanted, agreement, count in session.connection().execute(
        _SEEKING, {"since": since}
    ):
        seeking[Sought(rooms, rent, move_in, step_free, wanted or regions.get(agreement))] += count
    return Crowd(seeking)


def digest_of(seen: Seen) -> str:
    """What a request shows, as a word to find it by."""
    return blake2b(repr(tuple(seen)).encode(), digest_size=16).hexdigest()


_HAD_ALIKE = sa_select(func.count(func.distinct(col(Release.referral_id)))).where(
    col(Release.recipient) == bindparam("recipient"),
    col(Release.seen) == bindparam("seen"),
    col(Release.released_at) >= bindparam("since", type_=UtcDateTime()),
    col(Release.referral_id) != bindparam("but"),
)


def write_release(
    session: Session, referral_id: int, found: Measured, terms: AnonymityTerms, *, to: str, at: datetime
) -> None:
    """Write down that a request was sent, and how anonymous it was to this recipient."""
    seen, since = digest_of(found.seen), at - timedelta(days=terms.window_days)
    values = {"recipient": to, "seen": seen, "since": since, "but": referral_id}
    others = session.connection().execute(_HAD_ALIKE, values).scalar_one()
    release = Release(
        referral_id=referral_id,
        recipient=to,
        released_at=at,
        seen=seen,
        steps=names_of(found.steps),
        loss=loss(found.steps),
        alike_seeking=found.alike,
        alike_released=others + 1,
        crowd=found.crowd,
        least=terms.least,
        wanted=terms.wanted,
    )
    write(session, release)


def wait_for_others(session: Session, referral_id: int, *, crowd: int, now: datetime) -> ReleaseWait:
    """Write down that a request waits, since now or since it began to."""
    waits = session.get(ReleaseWait, referral_id) or ReleaseWait(referral_id=referral_id, since=now, crowd=crowd)
    waits.crowd = crowd
    session.add(waits)
    return waits


_WAITS_NO_MORE = delete(ReleaseWait).where(col(ReleaseWait.referral_id) == bindparam("of"))


def waits_no_more(session: Session, referral_id: int) -> bool:
    """A request was sent, or is not needed any more; whether it waited."""
    return session.connection().execute(_WAITS_NO_MORE, {"of": referral_id}).rowcount == 1


_LOOK_AGAIN = text(
    "UPDATE referral SET due_at = :now WHERE status = 'seeking' AND id IN (SELECT referral_id FROM release_wait)"
).bindparams(bindparam("now", type_=UtcDateTime()))


def look_again_at_those_that_wait(session: Session, *, now: datetime) -> None:
    """Somebody new is seeking: whoever waits for others is looked at at once."""
    session.connection().execute(_LOOK_AGAIN, {"now": now})

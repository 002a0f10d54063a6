"""Vacancies that an association sends itself: they are staged and made due at once, and the worker applies them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from domain.errors import TilflytError
from domain.feeds.breaker import FeedFacts, FeedTerms, Shape, trips
from domain.feeds.contract import FeedMode, FeedStatus
from domain.feeds.load import LoadKind, LoadStanding
from domain.ports.vacancy_feed import RawVacancy
from domain.subject import About
from storage.attention import ask_for_attention
from storage.columns import UtcDateTime
from storage.database import Database
from storage.feeds.comparison import HOME, ROW, known, stands
from storage.feeds.feeds import FeedLoad, write_load
from storage.feeds.staging import JudgedRows, ground_of, judge, stage
from storage.feeds.version_guard import beside_others

LATELY = timedelta(days=1)
NO_SHAPE = Shape(frozenset(), frozenset())


class KeyUsedBefore(TilflytError):
    """The idempotency key was used before, with other vacancies."""

    code = "key_used_before"


class TooMuchAtOnce(TilflytError):
    """The vacancies would take too many homes away at once: a person is asked first. The text holds the codes."""

    code = "too_much_at_once"


@dataclass(frozen=True, slots=True)
class Pushed:
    """The result of a push: the load in which the vacancies wait, and each row as it was judged."""

    load: FeedLoad
    judged: JudgedRows


def push(
    database: Database,
    association: str,
    rows: Sequence[RawVacancy],
    *,
    terms: FeedTerms,
    key: str,
    digest: str,
    now: datetime,
) -> Pushed:
    """Take in vacancies, once for each key; a repetition gets the same answer. Raises the errors above."""
    # A key may hold anything: only its hash is kept, which is enough to recognise it.
    key = hashlib.sha256(key.encode()).hexdigest()
    # Judged before anything is locked, so that other transactions can write meanwhile, however long it takes.
    with database.reading() as session:
        judged = judge(rows, ground_of(session, association))
    try:
        with database.writing() as session:
            # An association's pushes one after another: each counts what the others would take away.
            beside_others(session, association)
            load = _sent_before(session, association, key, digest) or _staged(
                session, association, judged, terms=terms, key=key, digest=digest, now=now
            )
            return Pushed(load, judged)
    except TooMuchAtOnce as refused:
        with database.writing() as session:
            # Under a subject of its own: the next good night says nothing about what was refused.
            ask_for_attention(session, About.PUSH.of(association), refused.code, now=now, detail=str(refused))
        raise


def _sent_before(session: Session, association: str, key: str, digest: str) -> FeedLoad | None:
    query = select(FeedLoad).where(FeedLoad.association == association, FeedLoad.push_key == key)
    load = session.exec(query).one_or_none()
    if load is not None and load.push_digest != digest:
        raise KeyUsedBefore("Idempotency-Key")
    return load


def _staged(
    session: Session, association: str, judged: JudgedRows, *, terms: FeedTerms, key: str, digest: str, now: datetime
) -> FeedLoad:
    load = FeedLoad(
        association=association,
        kind=LoadKind.PUSH,
        mode=FeedMode.DELTA,
        # When every row is wrong there is nothing to apply.
        standing=LoadStanding.READY if judged.good else LoadStanding.REFUSED,
        started_at=now,
        ended_at=None if judged.good else now,
        push_key=key,
        push_digest=digest,
    )
    write_load(session, load)
    # The sender hears of each wrong row at once, whether we keep it or not.
    stage(session, load, judged)
    write_load(session, load)
    if why := trips(_facts(session, load, now), terms, now=now):
        raise TooMuchAtOnce(", ".join(why))
    return load


_pushed = (col(FeedLoad.association) == bindparam("of"), col(FeedLoad.kind) == LoadKind.PUSH)
# The count begins anew when a person has accepted what was held back.
_decided_at = (
    select(func.max(FeedLoad.ended_at))
    .where(
        col(FeedLoad.association) == bindparam("of"),
        col(FeedLoad.decided_by).is_not(None),
        FeedLoad.kind == LoadKind.NIGHT,
        FeedLoad.standing == LoadStanding.APPLIED,
    )
    .scalar_subquery()
)
_TAKEN_LATELY = select(func.coalesce(func.sum(FeedLoad.vanished), 0)).where(
    *_pushed,
    FeedLoad.standing == LoadStanding.APPLIED,
    col(FeedLoad.started_at) > bindparam("since", type_=UtcDateTime()),
    _decided_at.is_(None) | (col(FeedLoad.started_at) > _decided_at),
)
_WOULD_BE_TAKEN = select(func.count(func.distinct(HOME.id))).where(
    *_pushed,
    FeedLoad.standing == LoadStanding.READY,
    FeedLoad.id == ROW.load_id,
    HOME.association == FeedLoad.association,
    HOME.external_id == ROW.external_id,
    ROW.status != FeedStatus.VACANT,
    stands,
)


def _facts(session: Session, load: FeedLoad, now: datetime) -> FeedFacts:
    """Compares a push with what is known. Wrong rows trip nothing, because the sender hears of them at once.

    What the association took away lately counts too, or sending each home by itself would never take too many at once.
    """
    beside, values = known(session, load), {"of": load.association, "since": now - LATELY}
    taken = session.connection().execute(_TAKEN_LATELY, values).scalar_one()
    waiting = session.connection().execute(_WOULD_BE_TAKEN, values).scalar_one()
    return FeedFacts(
        mode=FeedMode.DELTA,
        rows=load.rows,
        quarantined=0,
        earlier_rows=(),
        known=beside.standing + taken,
        known_again=beside.again + taken,
        gone=waiting + taken,
        shape=NO_SHAPE,
        earlier_shape=None,
        stamp_since=None,
    )

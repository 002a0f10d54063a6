"""Vacancies that an association sends itself: staged and made due at once; the worker takes them over."""

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
from domain.parties.party import association as association_party
from domain.ports import RawVacancy
from storage.areas.area_names import ask_about
from storage.attention import ask_for_attention
from storage.columns import UtcDateTime, id_of
from storage.database import Database
from storage.feeds.comparison import HOME, ROW, known, stands
from storage.feeds.feeds import FeedLoad
from storage.feeds.quarantine import keep
from storage.feeds.row_judging import Judged, ground_of, judge
from storage.feeds.staging import stage
from storage.feeds.version_guard import beside_others

LATELY = timedelta(days=1)
NO_SHAPE = Shape(frozenset(), frozenset())


class KeyUsedBefore(TilflytError):
    """The idempotency key came with other vacancies before."""

    code = "key_used_before"


class TooMuchAtOnce(TilflytError):
    """The vacancies would take too much off the market at once; a person is asked first. The text holds the codes."""

    code = "too_much_at_once"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of the vacancies: the load they wait in, and each row as it was judged."""

    load: FeedLoad
    judged: Judged


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
    """Take vacancies in once for each key; the same again is told the same. Raises what the errors above say."""
    # A key may hold anything: what is kept of it only knows it again.
    key = hashlib.sha256(key.encode()).hexdigest()
    # Before anything is locked for it: others write meanwhile, however long it takes.
    with database.reading() as session:
        judged = judge(rows, ground_of(session, association))
    try:
        with database.writing() as session:
            # One sending of an association after another: each counts what the others would take away.
            beside_others(session, association)
            load = _sent_before(session, association, key, digest) or _staged(
                session, association, judged, terms=terms, key=key, digest=digest, now=now
            )
            return Pushed(load, judged)
    except TooMuchAtOnce as refused:
        with database.writing() as session:
            # About its own subject: the next good night says nothing about what was refused.
            ask_for_attention(session, f"push:{association}", refused.code, now=now, detail=str(refused))
        raise


def _sent_before(session: Session, association: str, key: str, digest: str) -> FeedLoad | None:
    query = select(FeedLoad).where(FeedLoad.association == association, FeedLoad.push_key == key)
    load = session.exec(query).one_or_none()
    if load is not None and load.push_digest != digest:
        raise KeyUsedBefore("Idempotency-Key")
    return load


def _staged(
    session: Session, association: str, judged: Judged, *, terms: FeedTerms, key: str, digest: str, now: datetime
) -> FeedLoad:
    load = FeedLoad(
        association=association,
        kind=LoadKind.PUSH,
        mode=FeedMode.DELTA,
        # Where every row is wrong there is nothing to apply.
        standing=LoadStanding.READY if judged.good else LoadStanding.REFUSED,
        started_at=now,
        ended_at=None if judged.good else now,
        rows=len(judged.rows),
        quarantined=len(judged.rejected),
        # Who sends wrong rows hears of each at once, whether we keep it or not.
        not_kept=keep(session, association, judged.rejected, now=now),
        push_key=key,
        push_digest=digest,
    )
    session.add(load)
    session.flush()
    stage(session, id_of(load), judged.good.values())
    ask_about(session, judged.areas, asked_by=association_party(association), now=now)
    if why := trips(_facts(session, load, now), terms, now=now):
        raise TooMuchAtOnce(", ".join(why))
    return load


def _facts(session: Session, load: FeedLoad, now: datetime) -> FeedFacts:
    """Beside what is known. Its sender hears of wrong rows at once, so that they trip nothing.

    What it has taken away lately counts with it: who sends each home by itself would never take too many at once.
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


_pushed = (col(FeedLoad.association) == bindparam("of"), col(FeedLoad.kind) == LoadKind.PUSH)
# What a person has accepted begins the count anew.
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

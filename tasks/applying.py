"""What becomes of a load whose last row is here: judged as a whole, then applied in one transaction, or held."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col

from domain.breaker import FeedFacts, FeedTerms, Shape, trips
from domain.errors import MovedMeanwhile
from domain.lifecycle import Status
from domain.ports import FeedMark
from domain.vacancy_feed import FeedMode
from storage.applying import apply, forget, known, withdraw_missing
from storage.attention import ask_for_attention, close_subject
from storage.feeds import (
    Feed,
    FeedLoad,
    LoadKind,
    LoadStanding,
    earlier_rows,
    feed_of,
    held_load,
    ready_loads,
    take_turn,
)
from storage.quarantine import release
from storage.referrals import Referral
from tasks.platform import Platform

EMPTY = Shape(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Night:
    """How one load of an association's feed went, in counts; `why` holds what tripped the breaker."""

    association: str
    outcome: LoadStanding
    rows: int = 0
    appeared: int = 0
    changed: int = 0
    vanished: int = 0
    quarantined: int = 0
    why: tuple[str, ...] = ()


def as_night(load: FeedLoad) -> Night:
    """A load as it is told."""
    return Night(
        load.association,
        load.standing,
        load.rows,
        load.appeared,
        load.changed,
        load.vanished,
        load.quarantined,
        tuple(load.why),
    )


def left_unchanged(platform: Platform, feed: Feed, terms: FeedTerms, flow_run_id: str | None) -> Night:
    """A night on which a feed says that nothing is new: it cost one request."""
    with platform.database.writing() as session:
        now = platform.now()
        _take_turn(session, feed)
        load = FeedLoad(
            association=feed.association,
            kind=LoadKind.NIGHT,
            standing=LoadStanding.UNCHANGED,
            started_at=now,
            ended_at=now,
            vanished=withdraw_missing(session, feed.association, now=now),
            flow_run_id=flow_run_id,
        )
        stands = trips(_facts_unchanged(feed), terms, now=now)
        load.why = [str(trip) for trip in stands]
        session.add(load)
        remembered = feed_of(session, feed.association)
        remembered.last_good_at = now
        session.add(remembered)
        _tell(session, load, now)
        return as_night(load)


def _facts_unchanged(feed: Feed) -> FeedFacts:
    return FeedFacts(FeedMode.DELTA, 0, 0, (), 0, 0, EMPTY, None, feed.stamp_since)


def judge_and_apply(
    platform: Platform, load: FeedLoad, before: Feed, terms: FeedTerms, *, seen: Shape, mark: FeedMark
) -> Night:
    """Judge a whole feed by the breaker; apply it, or hold it back and ask a person."""
    with platform.database.writing() as session:
        now = platform.now()
        _take_turn(session, before)
        load.names_always, load.names_ever = sorted(seen.always), sorted(seen.ever)
        load.etag, load.last_modified, load.generated_at = mark.etag, mark.last_modified, mark.generated_at
        count, again = known(session, load)
        facts = FeedFacts(
            mode=load.mode,
            rows=load.rows,
            quarantined=load.quarantined,
            earlier_rows=earlier_rows(session, load.association),
            known=count,
            known_again=again,
            shape=seen,
            earlier_shape=shape_of(before),
            stamp_since=stamp_since(before, mark.generated_at, now),
        )
        _supersede(session, load, now)
        load.why = [str(trip) for trip in trips(facts, terms, now=now)]
        if load.why:
            load.standing, load.ended_at = LoadStanding.HELD, now
            session.add(load)
            session.flush()
        else:
            _apply(session, load, now)
        _tell(session, load, now)
    if load.appeared or load.changed:
        search_again(platform)
    return as_night(load)


def shape_of(feed: Feed) -> Shape | None:
    """The names that a feed's rows had when it was last applied."""
    if feed.names_always is None or feed.names_ever is None:
        return None
    return Shape(frozenset(feed.names_always), frozenset(feed.names_ever))


def stamp_since(feed: Feed, generated_at: datetime | None, now: datetime) -> datetime | None:
    """Since when we know a feed's own stamp, by our own clock: theirs may be wrong."""
    if generated_at is None:
        return None
    return feed.stamp_since if generated_at == feed.generated_at and feed.stamp_since else now


def apply_ready(platform: Platform) -> list[Night]:
    """Apply what associations have sent, what was replayed, and what a person has accepted; oldest first."""
    with platform.database.reading() as session:
        waiting = ready_loads(session)
    nights = []
    for waits in waiting:
        with platform.database.writing() as session:
            now = platform.now()
            load = session.get_one(FeedLoad, waits.id)
            if load.standing is not LoadStanding.READY:
                continue
            _take_turn(session, feed_of(session, load.association))
            _apply(session, load, now)
            if load.kind is LoadKind.NIGHT:
                _tell(session, load, now)
            nights.append(as_night(load))
    if any(night.appeared or night.changed for night in nights):
        search_again(platform)
    return nights


def _take_turn(session: Session, feed: Feed) -> None:
    if not take_turn(session, feed):
        raise MovedMeanwhile(f"{feed.association} was synced by somebody else meanwhile")


def _supersede(session: Session, load: FeedLoad, now: datetime) -> None:
    """What was held back earlier is old now, whatever becomes of this load."""
    held = held_load(session, load.association)
    if held is not None and held.id != load.id:
        held.standing, held.ended_at = LoadStanding.SUPERSEDED, now
        session.add(held)
        session.flush()
        forget(session, held.id or 0)


def _apply(session: Session, load: FeedLoad, now: datetime) -> None:
    whole = load.mode is FeedMode.FULL
    release(session, load.association, load.id or 0, seen=load.started_at, whole=whole, now=now)
    difference, gone_while_reserved = apply(session, load, whole=whole, now=now)
    _remember(session, load, now)
    load.appeared, load.changed, load.vanished = difference.appeared, difference.changed, difference.vanished
    load.standing, load.ended_at = LoadStanding.APPLIED, now
    session.add(load)
    for vacancy in gone_while_reserved:
        ask_for_attention(session, f"vacancy:{vacancy}", "gone_while_reserved", now=now)


def _remember(session: Session, load: FeedLoad, now: datetime) -> None:
    """What the feed told of itself, for the next night; what was pushed or replayed tells nothing of the feed."""
    if load.kind is not LoadKind.NIGHT:
        return
    feed = feed_of(session, load.association)
    feed.stamp_since = stamp_since(feed, load.generated_at, now)
    feed.etag, feed.last_modified, feed.generated_at = load.etag, load.last_modified, load.generated_at
    feed.last_good_at = now
    if load.mode is FeedMode.FULL:
        feed.last_full_at = now
    if load.rows:
        feed.names_always, feed.names_ever = load.names_always, load.names_ever
    session.add(feed)


def _tell(session: Session, load: FeedLoad, now: datetime) -> None:
    """Ask for a person when the breaker tripped; else whatever was wrong with the feed has passed."""
    subject = f"feed:{load.association}"
    close_subject(session, subject, now=now, by="a later feed")
    for trip in load.why if load.standing is not LoadStanding.APPLIED else ():
        ask_for_attention(session, subject, trip, now=now, detail=f"load {load.id}")


def search_again(platform: Platform) -> None:
    """Something new is vacant: whoever waits for tomorrow's look is looked at now.

    By itself, because a case is locked before its home everywhere else; if it is lost, tomorrow's look comes anyway.
    """
    seeking = update(Referral).where(
        col(Referral.status) == Status.SEEKING, col(Referral.due_at).is_not(None), col(Referral.parked_until).is_(None)
    )
    with platform.database.writing() as session:
        session.execute(seeking.values(due_at=platform.now()))

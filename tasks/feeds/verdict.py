"""What becomes of a load whose last row is here: judged as a whole, then applied in one transaction, or held."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from domain.errors import MovedMeanwhile
from domain.feeds.breaker import FeedFacts, FeedTerms, Shape, trips
from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadKind, LoadStanding
from domain.referrals.lifecycle import Status
from storage.attention import ask_for_attention, close_subject
from storage.columns import id_of
from storage.dialect import writes_in_a_query
from storage.feeds.comparison import Known, difference, known
from storage.feeds.feeds import (
    FeedLoad,
    KnownFeed,
    anything_is_ready,
    earlier_rows,
    feed_of,
    ready_loads,
    remember_feed,
    supersede,
    write_load,
    write_unchanged,
)
from storage.feeds.quarantine import release
from storage.feeds.takeover import apply, forget, forget_load, withdraw_missing
from storage.feeds.version_guard import Leftovers, as_it_was, beside_others, still_good, take_turn
from storage.locks import Lock, holding, taking
from storage.referrals.referrals import Referral
from storage.vacancies.vacancies import announced, who_lives_in
from tasks.feeds.fetch import Fetching
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


def left_unchanged(platform: Platform, feed: KnownFeed, terms: FeedTerms, flow_run_id: str | None) -> Night:
    """A night on which a feed says that nothing is new: it cost one request."""
    now = platform.now()
    why = [str(trip) for trip in trips(_facts_unchanged(feed), terms, now=now)]
    if not why and writes_in_a_query(platform.database.engine):
        with platform.database.at_once() as connection:
            if as_it_was(connection, feed, flow_run_id=flow_run_id, now=now):
                return Night(feed.association, LoadStanding.UNCHANGED)
    with platform.database.writing() as session:
        left = _must(still_good(session, feed, now=now), feed)
        if left.held:
            _supersede(session, feed.association, now)
        vanished = withdraw_missing(session, feed.association, now=now) if left.missing and not why else 0
        write_unchanged(session, feed.association, vanished=vanished, why=why, flow_run_id=flow_run_id, now=now)
        if left.asked or why:
            _tell(session, feed.association, why, now)
    return Night(feed.association, LoadStanding.UNCHANGED, vanished=vanished, why=tuple(why))


def _facts_unchanged(feed: KnownFeed) -> FeedFacts:
    return FeedFacts(FeedMode.DELTA, 0, 0, (), 0, 0, 0, EMPTY, None, feed.stamp_since)


def judge_and_apply(fetching: Fetching) -> Night:
    """Judge a whole feed by the breaker; apply it, or hold it back and ask a person."""
    platform, before = fetching.platform, fetching.before
    fetching.judge_last()
    with platform.database.writing() as session:
        now = platform.now()
        left = _must(take_turn(session, before), before)
        load, beside = _judged(session, fetching, now)
        if left.held:
            _supersede(session, load.association, now)
        if load.why:
            load.standing, load.ended_at = LoadStanding.HELD, now
            write_load(session, load)
        else:
            _apply(session, load, before, beside=beside, left=left, now=now)
        if left.asked or load.why:
            _tell(session, load.association, load.why, now)
    if left.awaited and (load.appeared or load.changed):
        search_again(platform)
    return as_night(load)


def what_it_would_do(fetching: Fetching) -> Night:
    """Judge a whole feed, tell what would change, and leave no trace; `ready` is what would be applied."""
    if fetching.head.unchanged:
        return Night(fetching.before.association, LoadStanding.UNCHANGED)
    begun = fetching.load
    fetching.judge_last()
    with fetching.platform.database.writing() as session:
        with session.begin_nested() as trial:
            load, _ = _judged(session, fetching, fetching.platform.now())
            would = difference(session, load)
            trial.rollback()
        if begun is not None:
            forget_load(session, begun)
    load.standing = LoadStanding.HELD if load.why else LoadStanding.READY
    load.appeared, load.changed, load.vanished = would.appeared, would.changed, would.vanished
    return as_night(load)


def _judged(session: Session, fetching: Fetching, now: datetime) -> tuple[FeedLoad, Known]:
    """A load with its last rows, what tripped the breaker in `why`; and what is known beside it."""
    before, seen = fetching.before, fetching.names.shape()
    load, mark = fetching.write_last(session), fetching.head.mark
    # What a few rows have in common says nothing of the next few.
    tells_shape = load.mode is FeedMode.FULL and load.rows > fetching.terms.few_rows
    load.names_always, load.names_ever = sorted(seen.always) if tells_shape else [], sorted(seen.ever)
    load.etag, load.last_modified, load.generated_at = mark.etag, mark.last_modified, mark.generated_at
    beside = known(session, load)
    facts = FeedFacts(
        mode=load.mode,
        rows=load.rows,
        quarantined=load.quarantined,
        earlier_rows=earlier_rows(session, load.association) if before.version else (),
        known=beside.standing,
        known_again=beside.again,
        gone=beside.gone,
        shape=seen,
        earlier_shape=shape_of(before),
        stamp_since=stamp_since(before, mark.generated_at, now),
    )
    load.why = [str(trip) for trip in trips(facts, fetching.terms, now=now)]
    return load, beside


def shape_of(feed: KnownFeed) -> Shape | None:
    """The names that a feed's rows had when it was last applied."""
    if feed.names_always is None or feed.names_ever is None:
        return None
    return Shape(frozenset(feed.names_always), frozenset(feed.names_ever))


def stamp_since(feed: KnownFeed, generated_at: datetime | None, now: datetime) -> datetime | None:
    """Since when we know a feed's own stamp, by our own clock: theirs may be wrong."""
    if generated_at is None:
        return None
    return feed.stamp_since if generated_at == feed.generated_at and feed.stamp_since else now


def anything_waits(platform: Platform) -> bool:
    """Whether a load waits to be applied."""
    with platform.database.reading() as session:
        return anything_is_ready(session)


def apply_ready(platform: Platform) -> list[Night]:
    """Apply what associations have sent, what was replayed, and what a person has accepted; oldest first."""
    with platform.database.reading() as session:
        waiting = ready_loads(session)
    nights = []
    for waits in waiting:
        # Somebody else's sync is at it: it stays ready, and the others do not wait for it.
        with suppress(MovedMeanwhile), platform.database.writing() as session:
            now = platform.now()
            before, is_night = feed_of(session, waits.association), waits.kind is LoadKind.NIGHT
            left = _must(take_turn(session, before) if is_night else beside_others(session, waits.association), before)
            # Only now: somebody else may have applied it meanwhile.
            load = session.get_one(FeedLoad, waits.id)
            if load.standing is not LoadStanding.READY:
                continue
            if is_night and before.last_good_at and before.last_good_at > load.started_at:
                # A newer night came before anybody could apply what was accepted.
                load.standing, load.ended_at = LoadStanding.SUPERSEDED, now
                write_load(session, load)
                forget(session, id_of(load))
                continue
            _apply(session, load, before, beside=known(session, load), left=left, now=now)
            if is_night:
                _tell(session, load.association, [], now)
            nights.append(as_night(load))
    if any(night.appeared or night.changed for night in nights):
        search_again(platform)
    return nights


def _supersede(session: Session, association: str, now: datetime) -> None:
    """What was held back before is old now, whatever a feed says tonight."""
    if (held := supersede(session, association, now=now)) is not None:
        forget(session, held)


def _must(left: Leftovers | None, feed: KnownFeed) -> Leftovers:
    if left is None:
        raise MovedMeanwhile(f"{feed.association} was synced by somebody else meanwhile")
    return left


def _apply(
    session: Session, load: FeedLoad, before: KnownFeed, *, beside: Known, left: Leftovers, now: datetime
) -> None:
    whole = load.mode is FeedMode.FULL
    if left.kept:
        release(session, load.association, id_of(load), seen=load.started_at, whole=whole, now=now)
    applied = apply(session, load, beside, whole=whole, now=now)
    difference = applied.difference
    if load.kind is LoadKind.NIGHT:
        remember_feed(session, _told(load, before, now))
    load.appeared, load.changed, load.vanished = difference.appeared, difference.changed, difference.vanished
    load.standing, load.ended_at = LoadStanding.APPLIED, now
    write_load(session, load)
    for vacancy in applied.gone_while_reserved:
        ask_for_attention(session, f"vacancy:{vacancy}", "gone_while_reserved", now=now)
    for vacancy in applied.announced_while_let:
        family = who_lives_in(session, vacancy)
        ask_for_attention(session, announced(vacancy), "announced_while_let", now=now, referral_id=family)
    for vacancy in applied.announced_no_more:
        close_subject(session, announced(vacancy), now=now, by="a later feed")


def _told(load: FeedLoad, before: KnownFeed, now: datetime) -> KnownFeed:
    """What the feed told of itself, for the next night."""
    whole = load.mode is FeedMode.FULL
    always, ever = load.names_always or before.names_always or [], load.names_ever or []
    return KnownFeed(
        load.association,
        etag=load.etag,
        last_modified=load.last_modified,
        generated_at=load.generated_at,
        stamp_since=stamp_since(before, load.generated_at, now),
        names_always=always,
        names_ever=ever if load.names_always else sorted({*ever, *(before.names_ever or [])}),
        last_good_at=now,
        last_full_at=now if whole else before.last_full_at,
    )


def _tell(session: Session, association: str, why: list[str], now: datetime) -> None:
    """Ask for a person when the breaker tripped; else whatever was wrong with the feed has passed."""
    subject = f"feed:{association}"
    close_subject(session, subject, now=now, by="a later feed")
    for trip in why:
        ask_for_attention(session, subject, trip, now=now)


def search_again(platform: Platform) -> None:
    """Something new is vacant: whoever waits for tomorrow's look is looked at now.

    By itself, because a case is locked before its home everywhere else; if it is lost, tomorrow's look comes anyway.
    """
    with platform.database.writing() as session:
        waits = (
            col(Referral.status) == Status.SEEKING,
            col(Referral.due_at).is_not(None),
            col(Referral.parked_until).is_(None),
        )
        taking(session, Lock.CASE)
        session.exec(holding(select(Referral.id).where(*waits).order_by(col(Referral.id)))).all()
        session.execute(update(Referral).where(*waits).values(due_at=platform.now()))

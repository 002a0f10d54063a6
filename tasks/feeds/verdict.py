"""Decides about a complete load: it is judged as a whole, then applied in one transaction, or held back."""

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
from domain.subject import About
from storage.attention import ask_for_attention, close_subject
from storage.columns import id_of
from storage.feeds.comparison import Known, known
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
)
from storage.feeds.takeover import Applied, apply, forget
from storage.feeds.version_guard import beside_others, take_turn
from storage.locks import Lock, holding, taking
from storage.referrals.referrals import Referral
from storage.vacancies.offers import who_lives_in
from storage.vacancies.vacancies import announced
from tasks.platform import Platform


@dataclass(frozen=True, slots=True)
class Night:
    """The result of one load of an association's feed, in counts; `why` holds what tripped the breaker."""

    association: str
    outcome: LoadStanding
    rows: int = 0
    appeared: int = 0
    changed: int = 0
    vanished: int = 0
    quarantined: int = 0
    why: tuple[str, ...] = ()


def as_night(load: FeedLoad) -> Night:
    """A load's result."""
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


def why_held(
    session: Session,
    load: FeedLoad,
    before: KnownFeed,
    terms: FeedTerms,
    *,
    shape: Shape,
    beside: Known,
    now: datetime,
) -> list[str]:
    """What trips the breaker of a whole load, beside what is known and the loads before it; nothing on most nights."""
    facts = FeedFacts(
        mode=load.mode,
        rows=load.rows,
        quarantined=load.quarantined,
        earlier_rows=earlier_rows(session, load.association) if before.version else (),
        known=beside.standing,
        known_again=beside.again,
        gone=beside.gone,
        shape=shape,
        earlier_shape=shape_of(before),
        stamp_since=stamp_since(before, load.generated_at, now),
    )
    return [str(trip) for trip in trips(facts, terms, now=now)]


def shape_of(feed: KnownFeed) -> Shape | None:
    """The names that a feed's rows had when it was last applied."""
    if feed.names_always is None or feed.names_ever is None:
        return None
    return Shape(frozenset(feed.names_always), frozenset(feed.names_ever))


def stamp_since(feed: KnownFeed, generated_at: datetime | None, now: datetime) -> datetime | None:
    """Since when we know a feed's own timestamp, by our clock: the partner's may be wrong."""
    if generated_at is None:
        return None
    return feed.stamp_since if generated_at == feed.generated_at and feed.stamp_since else now


def hold(session: Session, load: FeedLoad, *, now: datetime) -> None:
    """The breaker tripped: the load waits for a person."""
    load.standing, load.ended_at = LoadStanding.HELD, now
    write_load(session, load)


def anything_waits(platform: Platform) -> bool:
    """Whether a load waits to be applied."""
    with platform.database.reading() as session:
        return anything_is_ready(session)


def apply_ready(platform: Platform) -> list[Night]:
    """Apply pushed vacancies, replayed rows and accepted loads; oldest first."""
    with platform.database.reading() as session:
        waiting = ready_loads(session)
    nights = []
    for waits in waiting:
        # Another sync has this feed: the load stays ready, and the others do not wait for it.
        with suppress(MovedMeanwhile), platform.database.writing() as session:
            now = platform.now()
            before, is_night = feed_of(session, waits.association), waits.kind is LoadKind.NIGHT
            left = take_turn(session, before) if is_night else beside_others(session, waits.association)
            # Read again within the transaction: another process may have applied it meanwhile.
            load = session.get_one(FeedLoad, waits.id)
            if load.standing is not LoadStanding.READY:
                continue
            if is_night and before.last_good_at and before.last_good_at > load.started_at:
                # A newer night came before the accepted load could be applied.
                load.standing, load.ended_at = LoadStanding.SUPERSEDED, now
                write_load(session, load)
                forget(session, id_of(load))
                continue
            applied = apply(session, load, known(session, load), quarantined=left.kept, now=now)
            remember_applied(session, load, before, applied, now=now)
            if is_night:
                tell(session, load.association, [], now)
            nights.append(as_night(load))
    if any(night.appeared or night.changed for night in nights):
        search_again(platform)
    return nights


def supersede_held(session: Session, association: str, now: datetime) -> None:
    """Mark the load that was held back before as superseded, whatever the feed says tonight."""
    if (held := supersede(session, association, now=now)) is not None:
        forget(session, held)


def remember_applied(session: Session, load: FeedLoad, before: KnownFeed, applied: Applied, *, now: datetime) -> None:
    """Write down of a load that was taken over what it changed and told, and ask a person about homes."""
    difference = applied.difference
    if load.kind is LoadKind.NIGHT:
        remember_feed(session, _told(load, before, now))
    load.appeared, load.changed, load.vanished = difference.appeared, difference.changed, difference.vanished
    load.standing, load.ended_at = LoadStanding.APPLIED, now
    write_load(session, load)
    for vacancy in applied.gone_while_reserved:
        ask_for_attention(session, About.VACANCY.of(vacancy), "gone_while_reserved", now=now)
    for vacancy in applied.announced_while_let:
        family = who_lives_in(session, vacancy)
        ask_for_attention(session, announced(vacancy), "announced_while_let", now=now, referral_id=family)
    for vacancy in applied.announced_no_more:
        close_subject(session, announced(vacancy), now=now, by="a later feed")


def _told(load: FeedLoad, before: KnownFeed, now: datetime) -> KnownFeed:
    """What the feed told about itself, for the next night."""
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


def tell(session: Session, association: str, why: list[str], now: datetime) -> None:
    """Ask a person when the breaker tripped; else close the feed's items, as what was wrong has passed."""
    subject = About.FEED.of(association)
    close_subject(session, subject, now=now, by="a later feed")
    for trip in why:
        ask_for_attention(session, subject, trip, now=now)


def search_again(platform: Platform) -> None:
    """Something new is vacant: make the families due now that wait for tomorrow's search.

    In its own transaction, because everywhere else a case is locked before its home. If lost, tomorrow's search comes.
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

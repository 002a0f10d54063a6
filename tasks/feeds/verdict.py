"""What becomes of a load whose last row is here: judged as a whole and held, or written down as taken over."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.feeds.breaker import FeedFacts, FeedTerms, Shape, trips
from domain.feeds.contract import FeedMode
from domain.feeds.load import LoadKind, LoadStanding
from domain.subject import About
from storage.attention import ask_for_attention, close_subject
from storage.feeds.comparison import Known
from storage.feeds.feeds import FeedLoad, KnownFeed, earlier_rows, remember_feed, supersede, write_load
from storage.feeds.takeover import Applied, forget
from storage.vacancies.offers import who_lives_in
from storage.vacancies.vacancies import announced


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

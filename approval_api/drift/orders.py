"""What staff may do with a feed from its page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.errors import Invalid
from storage.staff import feed_rows, feed_words, feeds

LONGEST_WORD = 120


@dataclass(frozen=True, slots=True)
class Order:
    """A form that staff sent from a feed's page. `number` is that of the load, row or mapping which the page showed."""

    association: str
    number: int
    by: str
    now: datetime
    sent: Mapping[str, str]


def _accept(session: Session, order: Order) -> None:
    feeds.accept(session, order.association, by=order.by, now=order.now, seen=order.number)


def _refuse(session: Session, order: Order) -> None:
    feeds.refuse(session, order.association, by=order.by, now=order.now, seen=order.number)


def _replay(session: Session, order: Order) -> None:
    if feed_rows.replay(session, order.number, by=order.by, now=order.now, of=order.association):
        raise Invalid("row", "still_wrong")


def _drop(session: Session, order: Order) -> None:
    feed_rows.drop(session, order.number, by=order.by, now=order.now, of=order.association)


def _take_back(session: Session, order: Order) -> None:
    feed_rows.take_back(session, order.number, of=order.association, by=order.by, now=order.now)


def _map(session: Session, order: Order) -> None:
    field, written, meant = (order.sent[name].strip() for name in ("field", "written", "meant"))
    if not written or not meant or max(len(written), len(meant)) > LONGEST_WORD:
        raise Invalid("written", "say_both_words")
    feed_words.remember_mapping(session, order.association, field, written, meant, by=order.by, now=order.now)


def _forget(session: Session, order: Order) -> None:
    feed_words.forget_mapping(session, order.association, order.number, by=order.by, now=order.now)


DEEDS: dict[str, Callable[[Session, Order], None]] = {
    "accept": _accept,
    "refuse": _refuse,
    "replay": _replay,
    "drop": _drop,
    "take_back": _take_back,
    "map": _map,
    "forget": _forget,
}

"""What a person does with an item of the attention list: take it off, or have it tried again."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from domain.errors import Invalid, Unknown
from domain.subject import About
from storage.attention import AttentionItem, open_items
from storage.columns import id_of
from storage.locks import hold_cases
from storage.outbox import PRINTED, OutboxRow, wait_again
from storage.referrals.referrals import Referral, make_due


def chosen(session: Session, words: Collection[str]) -> list[int]:
    """The items that a person names, by number (`7`), by range (`7-12`) and by code (`no_answer`).

    A range takes its open items. `Unknown` names the words that match nothing.
    """
    items, found = open_items(session), dict[int, None]()
    for word in (part.strip() for one in words for part in one.split(",") if part.strip()):
        first, dash, last = word.partition("-")
        if first.isdecimal() and (last.isdecimal() or not dash):
            low, high = int(first), int(last or first)
            meant = [id_of(item) for item in items if low <= id_of(item) <= high]
        else:
            meant = [id_of(item) for item in items if item.code == word]
        if not meant:
            raise Unknown(f"no item {word} on the list")
        found |= dict.fromkeys(meant)
    return list(found)


def deal_with(session: Session, item_id: int, *, again: bool, by: str, now: datetime) -> None:
    """Take an item off the list; with `again`, have its subject tried once more.

    `Invalid` for a letter that was printed: only a person knows whether it was posted.
    """
    item = session.get(AttentionItem, item_id)
    if item is None or item.closed_at is not None:
        raise Unknown(f"no item {item_id} on the list")
    item.closed_at, item.closed_by = now, by
    session.add(item)
    if again:
        _try_again(session, item, now)


def _try_again(session: Session, item: AttentionItem, now: datetime) -> None:
    about = item.about
    if item.code == PRINTED:
        name = about.name
        ways = f"`tilflyt letter posted {name}` or, for a system to send it, `tilflyt letter not-posted {name}`"
        raise Invalid(item.subject, f"was printed, and may have been posted: {ways}")
    if about.kind in (About.OUTBOX, About.LETTER):
        wait_again(session, col(OutboxRow.id) == about.number, now=now)
    elif about.kind == About.QUESTION:
        wait_again(session, col(OutboxRow.question_id) == about.number, now=now)
    elif item.referral_id is not None:
        referral = session.get_one(Referral, item.referral_id)
        referral.parked_until = None
        session.add(referral)
        make_due(session, item.referral_id, now=now)


def deal_with_all(session: Session, *, again: Collection[str], off: Collection[str], by: str, now: datetime) -> None:
    """Have some items tried again and take others off the list, chosen as in `chosen`; on a fault change nothing."""
    # Both are looked up before either is carried out.
    once_more, no_more = chosen(session, again), chosen(session, off)
    about = select(AttentionItem.referral_id).where(col(AttentionItem.id).in_(once_more))
    hold_cases(session, session.exec(about).all())
    for item in once_more:
        deal_with(session, item, again=True, by=by, now=now)
    for item in no_more:
        if item not in once_more:
            deal_with(session, item, again=False, by=by, now=now)

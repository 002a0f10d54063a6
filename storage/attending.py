"""What a person does about an item of the attention list: take it off, or have it tried again."""

from datetime import datetime

from sqlmodel import Session, col

from domain.errors import TilflytError
from storage.attention import AttentionItem
from storage.outbox import OutboxRow, wait_again
from storage.referrals import Referral, make_due


class NotOnTheList(TilflytError):
    """There is no such item."""

    code = "unknown"


def deal_with(session: Session, item_id: int, *, again: bool, by: str, now: datetime) -> None:
    """Take an item off the list; with `again`, have what it is about tried once more."""
    item = session.get(AttentionItem, item_id)
    if item is None or item.closed_at is not None:
        raise NotOnTheList(f"no item {item_id} on the list")
    item.closed_at, item.closed_by = now, by
    session.add(item)
    if again:
        _try_again(session, item, now)


def _try_again(session: Session, item: AttentionItem, now: datetime) -> None:
    kind, _, name = item.subject.partition(":")
    if kind == "outbox":
        wait_again(session, col(OutboxRow.id) == int(name), now=now)
    elif kind == "question":
        wait_again(session, col(OutboxRow.question_id) == int(name), now=now)
    elif item.referral_id is not None:
        referral = session.get_one(Referral, item.referral_id)
        referral.parked_until = None
        session.add(referral)
        make_due(session, item.referral_id, now=now)

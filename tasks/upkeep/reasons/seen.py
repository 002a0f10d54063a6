"""An item of the attention list as its rule sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from storage.attention import AttentionItem
from storage.referrals.referrals import Referral


@dataclass(frozen=True, slots=True)
class Seen:
    """An open item, looked at in a session at a moment."""

    session: Session
    item: AttentionItem
    now: datetime

    @property
    def named(self) -> str:
        """What it is about, without the kind: a row's number, a reference, an association."""
        return self.item.about.name or ""

    @property
    def referral(self) -> Referral | None:
        """The case that it is about."""
        return self.session.get(Referral, self.item.referral_id) if self.item.referral_id is not None else None


Rule = Callable[[Seen], bool]


def by_a_person_alone(_seen: Seen) -> bool:
    """Never: only a person can say that it is settled, as nothing we hold shows it."""
    return False

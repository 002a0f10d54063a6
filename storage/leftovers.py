"""What earlier nights have left of a feed, looked up at once: on most nights there is nothing, and nothing to undo."""

from dataclasses import dataclass

from sqlalchemy import String, bindparam, exists, text
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from storage.attention import AttentionItem
from storage.feeds import FeedLoad
from storage.vacancies import Vacancy


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Whether a load waits for a person, whether homes are missing, and whether a person has been asked."""

    held: bool
    missing: bool
    asked: bool


def leftovers(session: Session, association: str) -> Leftovers:
    """What earlier nights have left of an association's feed."""
    values = {"of": association, "about": f"feed:{association}"}
    return Leftovers(*map(bool, session.connection().execute(_LEFT, values).one()))


_of = bindparam("of", type_=String())
# The words of partial indexes stand in the statement: SQLite finds such an index by its text.
_LEFT = sa_select(
    exists().where(col(FeedLoad.association) == _of, text("feed_load.standing = 'held'")),
    exists().where(col(Vacancy.association) == _of, text("vacancy.missing_since IS NOT NULL")),
    exists().where(
        col(AttentionItem.subject) == bindparam("about", type_=String()), text("attention_item.closed_at IS NULL")
    ),
)

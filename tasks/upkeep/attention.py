"""Closes attention items whose reason has passed: see tasks/upkeep/attention_rules.py."""

import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from domain.errors import TilflytError
from domain.subject import About, Subject
from storage.attention import AttentionItem, open_items
from storage.columns import id_of, needed
from storage.outbox import PRINTED, OutboxRow, OutboxStanding, end, families_lane, letter_subject, wait_again
from storage.parties.partners import partners
from tasks.attention import PASSED
from tasks.case import LETTERS
from tasks.delivery.family_letters import is_worth_posting
from tasks.platform import Platform
from tasks.upkeep.attention_rules import rule_of
from tasks.upkeep.reasons.seen import Seen

# Raised for a party or a row that is gone, or a subject that names no row.
UNKNOWN = (LookupError, ValueError, SQLAlchemyError, TilflytError)
log = structlog.get_logger()


def attend(platform: Platform) -> int:
    """Close items that nobody need look at, and send letters that a system takes by now; returns how many closed."""
    with platform.database.reading() as session:
        now, items = platform.now(), open_items(session)
        passed = [item.id for item in items if _has_passed(Seen(session, item, now))]
        letters = [item.about.number for item in items if item.about.kind == About.LETTER]
        moot, can_go = _letters_that_need_no_hand(platform, session, letters)
    if not (passed or moot or can_go):
        return 0
    with platform.database.writing() as session:
        by_hand = (col(OutboxRow.id).in_(moot), OutboxRow.standing == OutboxStanding.BY_HAND)
        end(session, session.exec(select(OutboxRow).where(*by_hand)).all(), OutboxStanding.MOOT, now=now)
        wait_again(session, col(OutboxRow.id).in_(can_go), now=now)
        session.flush()
        # Checked again here: a person may have printed one meanwhile, and then it still waits to be posted.
        gone = select(OutboxRow.id).where(
            col(OutboxRow.id).in_((*moot, *can_go)), OutboxRow.standing != OutboxStanding.BY_HAND
        )
        subjects = [str(About.LETTER.of(needed(one))) for one in session.exec(gone)]
        closed = update(AttentionItem).where(
            col(AttentionItem.closed_at).is_(None),
            col(AttentionItem.id).in_(passed) | col(AttentionItem.subject).in_(subjects),
        )
        return session.exec(closed.values(closed_at=now, closed_by=PASSED)).rowcount


def _has_passed(seen: Seen) -> bool:
    rule = rule_of(seen.item)
    try:
        return rule is not None and rule(seen)
    except UNKNOWN as error:
        return _left_to_a_person(seen.item.about, error)


def _is_moot(platform: Platform, session: Session, row: OutboxRow) -> bool:
    try:
        return not is_worth_posting(platform, session, row)
    except UNKNOWN as error:
        return _left_to_a_person(letter_subject(row), error)


def _left_to_a_person(subject: Subject, error: Exception) -> bool:
    """Keep an item on the list that cannot be judged, without keeping any other there."""
    log.warning("cannot judge whether its reason has passed", about=str(subject), error=type(error).__name__)
    return False


def _letters_that_need_no_hand(platform: Platform, session: Session, ids: list[int]) -> tuple[list[int], list[int]]:
    """Of the letters that a person must post: those that nobody waits for, and those that a system can take.

    Never a printed letter: it may be in the post already.
    """
    rows = session.exec(
        select(OutboxRow).where(col(OutboxRow.id).in_(ids), OutboxRow.standing == OutboxStanding.BY_HAND)
    ).all()
    with_system = {families_lane(one.party) for one in partners(session) if LETTERS in one.systems}
    moot = [id_of(row) for row in rows if _is_moot(platform, session, row)]
    can_go = [row for row in rows if row.lane in with_system and row.last_error != PRINTED]
    return moot, [id_of(row) for row in can_go if row.id not in moot]

"""The area that a family leaves, as its flag named it: known, asked about, or too unclear to keep."""

from datetime import datetime

from sqlalchemy import exists, update
from sqlmodel import Session, col, select

from domain.homes.area_names import compared
from domain.referrals.lifecycle import OVER
from domain.subject import About, Subject
from storage.areas.area_names import area_names, ask_about
from storage.attention import AttentionItem, ask_for_attention, close_subject
from storage.columns import id_of
from storage.referrals.history import HistoryLine, write_history
from storage.referrals.referrals import Referral

UNCLEAR, SAID = "left_area_unclear", "left_area_said"


def _subject(referral: Referral) -> Subject:
    return About.LEFT_AREA.of(referral.reference)


def note_left_area(session: Session, referral: Referral, written: str | None, *, asked_by: str, now: datetime) -> None:
    """Remember which area a family leaves.

    Staff are asked about an unknown name. A name with digits may be where the family lives: it is not kept, and staff
    look it up in the case system.
    """
    name = compared(written or "")
    meant = area_names(session).meaning(referral.sending_municipality, name)
    referral.from_area_id = meant.area_id
    if meant.is_known:
        return
    if any(sign.isdecimal() for sign in name):
        ask_for_attention(session, _subject(referral), UNCLEAR, now=now, referral_id=referral.id)
        return
    referral.from_area_name = name
    ask_about(session, {(referral.sending_municipality, name): written or ""}, asked_by=asked_by, now=now)


def record_left_area(session: Session, referral: Referral, area_id: int | None, *, by: str, now: datetime) -> None:
    """Remember which area a family leaves, as a person has said; None is no listed area."""
    referral.from_area_id, referral.from_area_name = area_id, None
    session.add(referral)
    write_history(session, id_of(referral), at=now, actor=by, deed=SAID)
    close_subject(session, _subject(referral), now=now, by=by)


def forget_left_area_name(session: Session, referral_id: int) -> None:
    """Delete the area name that a case's flag wrote; which area was meant stays."""
    session.exec(update(Referral).where(col(Referral.id) == referral_id).values(from_area_name=None))


def ask_again_about_left_areas(session: Session, *, now: datetime) -> int:
    """Ask again about open cases whose left area nobody has named; returns how many were put on the list."""
    asked = exists().where(col(AttentionItem.referral_id) == Referral.id, col(AttentionItem.code) == UNCLEAR)
    said = exists().where(col(HistoryLine.referral_id) == Referral.id, col(HistoryLine.deed) == SAID)
    waits = select(Referral).where(asked, ~said, col(Referral.status).not_in(OVER)).order_by(col(Referral.id))
    return sum(
        ask_for_attention(session, _subject(referral), UNCLEAR, now=now, referral_id=referral.id)
        for referral in session.exec(waits).all()
    )

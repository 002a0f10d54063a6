"""The area that a family leaves, as its flag named it: known, asked about, or too unclear to be kept."""

from datetime import datetime

from sqlmodel import Session

from domain.area_names import compared
from storage.area_names import area_names, ask_about
from storage.attention import ask_for_attention
from storage.referrals import Referral

UNCLEAR = "left_area_unclear"


def note_left_area(session: Session, referral: Referral, written: str | None, *, asked_by: str, now: datetime) -> None:
    """Remember which area a family leaves.

    A name that nobody knows is asked about. With digits in it it may be where the family lives: it is not kept, and
    whoever looks finds it in the case system.
    """
    name = compared(written or "")
    meant = area_names(session).meaning(referral.sending_municipality, name)
    referral.from_area_id = meant.area_id
    if meant.is_known:
        return
    if any(sign.isdecimal() for sign in name):
        subject = f"left_area:{referral.reference}"
        ask_for_attention(session, subject, UNCLEAR, now=now, referral_id=referral.id)
        return
    referral.from_area_name = name
    ask_about(session, {(referral.sending_municipality, name): written or ""}, asked_by=asked_by, now=now)

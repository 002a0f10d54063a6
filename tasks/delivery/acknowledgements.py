"""What a partner's acknowledgement of a call means to us."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from domain.ports.finance import PostingAnswer, PostingVerdict
from storage.audit.events import write_event_of_case
from storage.books.bookkeeping.states import HELD_BEFORE, HeardFrom, hear
from storage.columns import id_of, needed
from storage.outbox import OutboxRow, Telling, put
from storage.privacy import disclosures
from storage.vacancies.offers import BINDING, Offer
from tasks.delivery.rows_told import Told

_DEEDS: dict[Telling, str] = {
    Telling.DISCLOSE: "disclosed",
    Telling.HAND_OVER: "disclosed",
    Telling.RECALL: "deletion_confirmed",
    Telling.TAKE_BACK: "deletion_confirmed",
}


def hold_what_was_told(session: Session, rows: Iterable[OutboxRow]) -> None:
    """Hold what some rows have told of families, before it is noted that they have: in the order of locks."""
    if cases := [row.referral_id for row in rows if row.telling in _DEEDS and row.referral_id is not None]:
        disclosures.hold_disclosures(session, cases)


def acknowledged(session: Session, row: OutboxRow, *, now: datetime) -> None:
    """Record what a partner's acknowledgement means: told, or deleted.

    A recall or release that staff have retried may have hit something newer: a family that came back to the same party
    is known there by the same name. Then the party is told again.
    """
    if row.telling is Telling.RELEASE:
        _reserve_again(session, row, now=now)
    if row.telling not in _DEEDS:
        return
    disclosures.acknowledged(session, row.telling, needed(row.offer_id), row.addressee, now=now)
    case = needed(row.referral_id)
    write_event_of_case(session, _DEEDS[row.telling], actor=row.addressee, referral_id=case, at=now)
    if row.telling in (Telling.RECALL, Telling.TAKE_BACK):
        knew = [one for one in disclosures.still_told(session, case) if one.disclosed_at]
        disclosures.tell_again(session, [one for one in knew if one.to_party == row.addressee], now=now)


def cases_of_postings(told: Told) -> list[int | None]:
    """The cases of the postings that were told, or that a finance system held before."""
    return [row.referral_id for row in (*told.delivered, *told.moot) if row.telling is Telling.POSTING]


def hear_of_postings(session: Session, told: Told, *, now: datetime) -> None:
    """Write down what became of each posting; one held since before a backup was put back is accepted there."""
    for row in told.delivered:
        if (answer := told.answers.get(id_of(row))) is not None:
            hear(session, row, answer, heard_from=HeardFrom.CALL, now=now)
    held = PostingAnswer(PostingVerdict.ACCEPTED, HELD_BEFORE)
    for row in told.moot:
        if row.telling is Telling.POSTING:
            hear(session, row, held, heard_from=HeardFrom.RESTORED, now=now)


def _reserve_again(session: Session, row: OutboxRow, *, now: datetime) -> None:
    let_go = session.get_one(Offer, row.offer_id)
    same = (Offer.vacancy_id == let_go.vacancy_id, Offer.pseudonym == let_go.pseudonym)
    held = session.exec(select(Offer.id).where(*same, col(Offer.standing).in_(BINDING))).first()
    if held is not None:
        about = {"referral_id": row.referral_id, "offer_id": held}
        put(session, Telling.RESERVE, to=row.addressee, lane=row.lane, now=now, **about)

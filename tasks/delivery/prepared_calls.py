"""From an outbox row to a call: which system is called, and how."""

from sqlmodel import Session

from storage.outbox import OutboxRow, Telling
from storage.parties.partners import partner_of
from tasks.delivery.calls import Call, posting_call, receipt_call
from tasks.delivery.family_calls import desk_call, handover_call
from tasks.platform import Platform

SYSTEM_FOR: dict[Telling, str] = {
    Telling.RECEIPT: "case_system",
    Telling.RESERVE: "reservations",
    Telling.RELEASE: "reservations",
    Telling.DISCLOSE: "reservations",
    Telling.RECALL: "reservations",
    Telling.HAND_OVER: "handover",
    Telling.TAKE_BACK: "handover",
    Telling.POSTING: "finance",
}


def prepared_call(platform: Platform, session: Session, row: OutboxRow) -> Call | None:
    """The call of an outbox row, ready to be made without a session; None when it has become moot.

    A disclosure opens the vault, and records the opening in the session.
    """
    if row.telling is Telling.POSTING:
        return posting_call(platform, session, row)
    kind = SYSTEM_FOR[row.telling]
    system = platform.connect(kind, partner_of(session, row.addressee).systems[kind])
    match row.telling:
        case Telling.RECEIPT:
            return receipt_call(session, row, system)
        case Telling.HAND_OVER | Telling.TAKE_BACK:
            return handover_call(platform, session, row, system)
        case _:
            return desk_call(platform, session, row, system)

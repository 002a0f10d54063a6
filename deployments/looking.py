"""What staff ask from the command line: the timeline of a case, the attention list, and to act on either."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from deployments.acting import COMMAND_LINE
from domain.colleagues import barred, colleagues
from domain.errors import Invalid, TilflytError
from domain.lifecycle import WITHDRAWABLE, WithdrawalReason
from domain.question import PassedOnBy
from domain.release import AnonymityTerms
from domain.screening import tidied
from domain.working_days import COPENHAGEN
from storage.attention import AttentionItem, open_items
from storage.comments import comments_on
from storage.database import Database
from storage.family_asked import families_asked
from storage.parties import partner
from storage.question_lists import open_questions
from storage.questions import FAMILY, pass_on
from storage.referrals import HistoryLine, Referral, referral_by_reference, request_stop, write_history
from storage.releases import FEWER_ALIKE_ALLOWED, ReleaseWait
from storage.staff.move_outs import record_move_out
from storage.vault import Vault


class Unknown(TilflytError):
    """There is no such case or item."""

    code = "unknown"


def case_of(database: Database, reference: str) -> Referral:
    """A case by its reference; `Unknown` when there is none."""
    with database.reading() as session:
        return _case(session, reference)


def _case(session: Session, reference: str) -> Referral:
    referral = referral_by_reference(session, reference)
    if referral is None:
        raise Unknown(f"no case {reference}")
    return referral


def timeline(database: Database, reference: str) -> dict[str, Any]:
    """One case from its history: status, and each line with the Prefect run that wrote it."""
    with database.reading() as session:
        referral = _case(session, reference)
        lines = session.exec(
            select(HistoryLine).where(HistoryLine.referral_id == referral.id).order_by(col(HistoryLine.id))
        )
        return {
            "reference": referral.reference,
            "status": referral.status,
            "family_asked": families_asked(session, [referral.id or 0]).get(referral.id or 0, ""),
            "history": [
                {
                    "at": line.at.isoformat(timespec="seconds"),
                    "who": line.actor,
                    "what": line.deed,
                    "from": line.from_status or "",
                    "to": line.to_status or "",
                    "why": line.reason or "",
                    "run": line.flow_run_id or "",
                }
                for line in lines
            ],
        }


LONGEST_PURPOSE = 200


def opened_by(who: str, purpose: str) -> str:
    """Who opens the vault and why, as it is written down. `Invalid` when it does not tell why."""
    told = tidied(purpose)
    if not 4 < len(told) <= LONGEST_PURPOSE:
        raise Invalid("purpose", f"say why, in at most {LONGEST_PURPOSE} signs")
    return f"{who}: {told}"


def comments(
    database: Database, vault: Vault, reference: str, *, opened_for: str, now: datetime
) -> list[dict[str, Any]]:
    """What people added to their answers in a case; that it was read is written down."""
    with database.writing() as session:
        referral = _case(session, reference)
        return [
            {"kind": question.kind, "who": question.addressee, "comment": written}
            for question, written in comments_on(session, vault, referral, opened_for=opened_for, now=now)
        ]


def withdraw(database: Database, reference: str, *, now: datetime, by: str = COMMAND_LINE) -> None:
    """Ask for a case to be withdrawn."""
    with database.writing() as session:
        referral = _case(session, reference)
        if referral.status not in WITHDRAWABLE:
            raise TilflytError(f"{reference} is {referral.status} and can no longer be withdrawn")
        request_stop(session, referral.id or 0, WithdrawalReason.CASE_WITHDRAWN, now=now)
        write_history(session, referral.id or 0, at=now, actor=by, deed="withdrawal_asked_for")


def send_with_fewer(
    database: Database, reference: str, *, least: int, terms: AnonymityTerms, by: str, now: datetime
) -> None:
    """Have a request that waits for others sent with fewer alike than everybody's; the choice is history."""
    if not 1 <= least < terms.least:
        raise TilflytError(f"choose from 1 to {terms.least - 1}: {terms.least} is what everybody must have")
    with database.writing() as session:
        referral = _case(session, reference)
        waits = session.get(ReleaseWait, referral.id)
        if waits is None:
            raise Unknown(f"{reference} does not wait for others")
        waits.least, referral.due_at = least, now
        session.add_all([waits, referral])
        write_history(session, referral.id or 0, at=now, actor=by, deed=FEWER_ALIKE_ALLOWED, reason=f"least {least}")


def moved_out(database: Database, reference: str, *, on: date, told_key: bytes, by: str, now: datetime) -> bool:
    """Record on which day a family moved out within the guarantee; False when it was recorded before."""
    with database.writing() as session:
        return record_move_out(session, _case(session, reference).id or 0, on=on, told_key=told_key, by=by, now=now)


def reassign(database: Database, reference: str, *, to: str, now: datetime, by: str = COMMAND_LINE) -> str:
    """Have a colleague asked what a case waits for; returns who was asked before. Nobody outside the party's list."""
    with database.writing() as session:
        referral = _case(session, reference)
        waits = [one for one in open_questions(session, referral.id or 0) if one.asked_of != FAMILY]
        at = [(one, partner(session, one.asked_of)) for one in waits]
        today = now.astimezone(COPENHAGEN).date()
        may = {
            one.id: [
                colleague.id
                for colleague in colleagues(
                    one.kind,
                    party,
                    of=one.contact_id,
                    on=today,
                    barred=barred(one.kind, party, flagged_by=referral.flagged_by, on=today),
                )
            ]
            for one, party in at
        }
        question = next((one for one in waits if to in may[one.id]), None)
        if question is None:
            known = ", ".join(f"{one.asked_of}: {', '.join(may[one.id]) or 'nobody'}" for one in waits)
            raise Unknown(f"{reference} waits for nobody in whose place {to} may answer; {known or 'no open question'}")
        if not pass_on(session, question, to=to, by=PassedOnBy.STAFF, now=now):
            raise TilflytError(f"{reference}: the time to answer has passed; nobody can be asked the same any more")
        write_history(session, referral.id or 0, at=now, actor=by, deed="reassigned", reason=f"{question.kind}: {to}")
        return question.addressee


def attention_list(database: Database) -> list[dict[str, Any]]:
    """What waits for a person, oldest first."""
    with database.reading() as session:
        names = {
            row.id: row.reference
            for row in session.exec(
                select(Referral).where(
                    col(Referral.id).in_(
                        select(AttentionItem.referral_id).where(col(AttentionItem.closed_at).is_(None))
                    )
                )
            )
        }
        return [
            {
                "id": item.id,
                "since": item.opened_at.isoformat(timespec="seconds"),
                "case": names.get(item.referral_id, ""),
                "about": item.subject,
                "why": item.code,
                "detail": item.detail,
            }
            for item in open_items(session)
        ]

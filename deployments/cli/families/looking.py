"""What the command line shows: the timeline of a case and the attention list."""

from typing import Any

from sqlmodel import col, select

from storage.attention import AttentionItem, open_items
from storage.columns import id_of
from storage.database import Database
from storage.questions.family_asked import families_asked
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.staff.families.cases import case_called


def case_of(database: Database, reference: str) -> Referral:
    """A case by its reference; `Unknown` when there is none."""
    with database.reading() as session:
        return case_called(session, reference)


def timeline(database: Database, reference: str) -> dict[str, Any]:
    """One case from its history: status, and each line with the Prefect run that wrote it."""
    with database.reading() as session:
        referral = case_called(session, reference)
        lines = session.exec(
            select(HistoryLine).where(HistoryLine.referral_id == referral.id).order_by(col(HistoryLine.id))
        )
        return {
            "reference": referral.reference,
            "status": referral.status,
            "family_asked": families_asked(session, [id_of(referral)]).get(id_of(referral), ""),
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

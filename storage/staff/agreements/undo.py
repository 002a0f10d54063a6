"""Staff undo a migration: each case that has not gone a step since goes back to the version from which it came."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from domain.errors import Unknown
from storage.columns import id_of
from storage.parties.agreement_migrations import AgreementMigration, last_move, moved_by
from storage.parties.agreements import agreement_of
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import Referral
from storage.staff.agreements.open_cases import one_case
from storage.staff.agreements.version_change import MIGRATED, CaseReport, Move, change_version, report_on
from storage.staff.families.cases import case_called, case_held

# Beside a move: a question that is asked, also anew, and a home that was offered and declined.
STEPS = ("asked_", "declined_")


def cases_to_move_back(session: Session, migration: int, named: Collection[str] = ()) -> list[str]:
    """The references of the cases that a migration moved and that were not moved back yet, or of those named."""
    if session.get(AgreementMigration, migration) is None:
        raise Unknown(f"no migration {migration}")
    if named:
        return [case_called(session, reference).reference for reference in named]
    return [session.get_one(Referral, row.referral_id).reference for row in moved_by(session, migration)]


def foreseen_back(session: Session, reference: str, migration: int, *, now: datetime) -> CaseReport:
    """What undoing a migration would do about a case that it moved."""
    case_id = id_of(case_called(session, reference))
    held, last = one_case(session, case_id), last_move(session, case_id)
    was, case = held.agreement.version, held.case
    if last is None or last.migration_id != migration:
        why = f"migration {migration} is not the last that moved it"
        return CaseReport(case.reference, case.status, was, was, (), (why,))
    if last.undoes_id is not None:
        return CaseReport(case.reference, case.status, was, was, (), ("it was moved back already",))
    if _step_taken(session, case_id):
        before = agreement_of(session, last.from_version_id).version
        return CaseReport(case.reference, case.status, was, before, (), (f"a step was taken under version {was}",))
    return report_on(session, held, last.from_version_id, now=now, back=True)


def move_back(session: Session, reference: str, migration: int, *, by: str, now: datetime) -> CaseReport:
    """Move a case back to the version from which a migration moved it, or report why it stays."""
    referral = case_held(session, reference)
    report, last = foreseen_back(session, reference, migration, now=now), last_move(session, id_of(referral))
    if report.left or last is None:
        return report
    change_version(session, referral, Move(last.from_version_id, migration, by, now, undoes_id=last.id))
    return replace(report, migration=migration)


def _step_taken(session: Session, referral_id: int) -> bool:
    """Whether a case has gone a step since it was moved to its version."""
    query = select(HistoryLine).where(HistoryLine.referral_id == referral_id).order_by(col(HistoryLine.id).desc())
    for line in session.exec(query):
        if line.deed == MIGRATED:
            return False
        if line.to_status is not None or line.deed.startswith(STEPS):
            return True
    return False

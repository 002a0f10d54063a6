"""Staff move open cases to another version of their agreement, one transaction a case."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, select

from domain.errors import Invalid, Unknown
from domain.working_days import day_of
from storage.columns import id_of
from storage.parties.agreement_migrations import AgreementMigration
from storage.parties.agreements import AgreementVersion, agreement_of
from storage.staff.agreements.open_cases import one_case, under
from storage.staff.agreements.version_change import CaseReport, Move, change_version, report_on
from storage.staff.families.cases import case_called, case_held


def version_to_move_to(session: Session, agreement_id: str, version: int, *, now: datetime) -> int:
    """The row id of the version to which cases are to move; `Invalid` when it has not begun."""
    query = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement_id)
    versions = {one.version: one for one in session.exec(query)}
    if not versions:
        raise Unknown(f"no agreement {agreement_id}")
    if version not in versions:
        raise Unknown(f"agreement {agreement_id} has no version {version}, but {', '.join(map(str, sorted(versions)))}")
    begins = versions[version].valid_from
    if begins > day_of(now):
        raise Invalid("to", f"version {version} begins on {begins}: no case moves to it before that day")
    return id_of(versions[version])


def cases_to_move(session: Session, to_version_id: int, named: Collection[str] = ()) -> list[str]:
    """The references of the open cases that are under an earlier version of the same agreement, or of those named."""
    if named:
        return [case_called(session, reference).reference for reference in named]
    to = agreement_of(session, to_version_id)
    return [one.case.reference for one in under(session, to.id) if one.agreement.version < to.version]


def foreseen(session: Session, reference: str, to_version_id: int, *, now: datetime) -> CaseReport:
    """What moving a case would do."""
    held = one_case(session, id_of(case_called(session, reference)))
    return report_on(session, held, to_version_id, now=now)


def migrate_case(
    session: Session, reference: str, to_version_id: int, *, migration: int | None, by: str, now: datetime
) -> CaseReport:
    """Move a case to another version of its agreement, or report why it stays.

    `migration` is the number of the migration that has begun; None begins one with this case.
    """
    referral = case_held(session, reference)
    report = report_on(session, one_case(session, id_of(referral)), to_version_id, now=now)
    if report.left:
        return report
    number = migration or _begin(session, to_version_id, by=by, now=now)
    change_version(session, referral, Move(to_version_id, number, by, now))
    return replace(report, migration=number)


def _begin(session: Session, to_version_id: int, *, by: str, now: datetime) -> int:
    row = AgreementMigration(to_version_id=to_version_id, begun_at=now, begun_by=by)
    session.add(row)
    session.flush()
    return id_of(row)

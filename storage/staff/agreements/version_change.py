"""One case goes on under another version of its agreement: whether it may, what changes for it, and the rows of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.parties.agreements.changes import FieldChange, still_met
from domain.parties.agreements.reasons_to_stay import why_left
from domain.referrals.lifecycle import Status
from storage.audit.events import write_event_of_case
from storage.audit.states import chain_state
from storage.columns import id_of
from storage.parties.agreement_migrations import MigratedCase
from storage.parties.agreements import agreement_of, changed_fields
from storage.referrals.history import write_history
from storage.referrals.referrals import Referral, make_due
from storage.staff.agreements.open_cases import Held

MIGRATED, MOVED_BACK = "agreement_migrated", "agreement_moved_back"


@dataclass(frozen=True, slots=True)
class CaseReport:
    """What a migration does, or did, about a case: what changes for it, or every reason why it stays where it is.

    `migration` is the number of the migration that moved it; None for a case that stays, and in a trial.
    """

    reference: str
    status: Status
    before: int
    after: int
    changes: tuple[FieldChange, ...]
    left: tuple[str, ...]
    migration: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """To which version cases move, by which migration, and who does it; with `undoes_id` the move that is undone."""

    to_version_id: int
    migration: int
    by: str
    now: datetime
    undoes_id: int | None = None

    @property
    def deed(self) -> str:
        """What the history calls it."""
        return MIGRATED if self.undoes_id is None else MOVED_BACK


def report_on(session: Session, held: Held, to_version_id: int, *, now: datetime, back: bool = False) -> CaseReport:
    """What moving a case to a version would do; `back` allows an earlier version."""
    old, new, case = held.agreement, agreement_of(session, to_version_id), held.case
    if old.id != new.id:
        reasons = [f"it is under agreement {old.id}"]
    elif old.version == new.version:
        reasons = [f"it is under version {new.version} already"]
    elif old.version > new.version and not back:
        reasons = [f"it is under a later version, {old.version}"]
    else:
        reasons = why_left(case, old, new, now=now)
    met: tuple[FieldChange, ...] = ()
    if not reasons:
        met = tuple(one for one in changed_fields(old, new) if still_met(one, case.waits_for(new), new))
    return CaseReport(case.reference, case.status, old.version, new.version, met, tuple(reasons))


def change_version(session: Session, referral: Referral, move: Move) -> None:
    """Put a held case under another version: its row, the line of history, and what the audit chain knows of it."""
    case_id = id_of(referral)
    was, new = (agreement_of(session, one) for one in (referral.agreement_version_id, move.to_version_id))
    row = MigratedCase(
        migration_id=move.migration,
        referral_id=case_id,
        from_version_id=referral.agreement_version_id,
        to_version_id=move.to_version_id,
        moved_at=move.now,
        moved_by=move.by,
        undoes_id=move.undoes_id,
    )
    referral.agreement_version_id = move.to_version_id
    session.add_all((row, referral))
    session.flush()
    chain_state(session, Referral, referral, parts=("case",), now=move.now)
    facts = {"agreement": new.id, "before": str(was.version), "after": str(new.version), "of": str(move.migration)}
    write_event_of_case(session, move.deed, actor=move.by, referral_id=case_id, at=move.now, **facts)
    why = f"{new.id}: version {was.version} → {new.version}, migration {move.migration}"
    write_history(session, case_id, at=move.now, actor=move.by, deed=move.deed, reason=why)
    if referral.status is Status.SEEKING:
        # Other homes may suit under the new version, so they are searched anew.
        make_due(session, case_id, now=move.now)

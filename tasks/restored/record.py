"""Records in the chain that a backup was put back."""

from collections.abc import Mapping

from domain.audit import Link
from storage.audit.restorations import write_restoration
from storage.restored.watermark import note_anew
from tasks.platform import Platform
from tasks.restored.numbers import hash_of
from tasks.restored.restored import Kept, Restored
from tasks.upkeep.chain import sign_now


def write_down(platform: Platform, told: Restored, end: Link, lost: Kept, *, by: str) -> None:
    """Record the restoration in the chain, and the new mark, so that the worker goes on."""
    now = platform.now()
    if told.went_back or lost or told.did_anything:
        counts: Mapping[str, int] = {
            "taken_in_again": len(told.taken_in_again),
            "stopped_again": len(told.stopped_again),
            "posted_before": told.posted_before,
            "to_settle": len(told.to_settle),
        }
        with platform.database.writing() as session:
            back_to = told.back_to, hash_of(session, told.back_to) or end.hash
            write_restoration(session, back_to=back_to, lost=lost, believed=told.believed, by=by, now=now, **counts)
    sign_now(platform.database, platform.vault, now=now)
    if platform.marks is not None:
        with platform.database.reading() as session:
            note_anew(session, platform.marks, now=now)

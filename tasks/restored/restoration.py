"""After a backup was put back: skips numbers, takes in again what was lost, and tells a person the rest.

A second run does nothing. It tells no partner anything: case systems already know the cases that are taken in again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

import storage.tables  # noqa: F401  # what is chained is read from all tables
from domain.errors import Invalid
from domain.working_days import day_of
from storage.audit.chain import last_link
from storage.dialect import one_at_a_time_throughout
from storage.parties.partners import partners
from storage.restored.watermark import gone_back
from tasks.platform import Platform
from tasks.restored.held_elsewhere import ask_everybody, highest_numbers, may_be_ours
from tasks.restored.lost_since import lost_since
from tasks.restored.numbers import lost_ends, newest_moment, numbers_given, numbers_to_skip
from tasks.restored.proofs import Proof, references_in
from tasks.restored.record import write_down
from tasks.restored.repair import put_right
from tasks.restored.restored import Kept, NothingToRestore, Restored

LOOKED_BACK = timedelta(days=1)


async def restored(
    platform: Platform,
    *,
    by: str,
    kept: Kept = (),
    since: datetime | None = None,
    believed: Collection[str] = (),
    dry_run: bool = False,
) -> Restored:
    """Find what was lost, and put right what can be; with `dry_run`, only report. `kept` are ends of the chain from
    letters.

    Of what a party holds, only claims with our key count, or all of them if a person believes the party (`believed`).
    """
    with platform.database.at_once() as alone, one_at_a_time_throughout(alone, "restored"):
        return await _restored(platform, by=by, kept=kept, since=since, believed=believed, dry_run=dry_run)


async def _restored(
    platform: Platform, *, by: str, kept: Kept, since: datetime | None, believed: Collection[str], dry_run: bool
) -> Restored:
    proof = Proof(platform.vault.told_key(now=platform.now()), frozenset(believed))
    with platform.database.reading() as session:
        if strangers := sorted(set(believed) - {one.party for one in partners(session)}):
            raise Invalid("believe", f"{strangers[0]} is no party here; write it as municipality:0461")
        end = last_link(session)
        if end is None:
            raise NothingToRestore("this database has no chain: put a backup back first, and run `tilflyt migrate`")
        gone = gone_back(session, platform.marks) if platform.marks else None
        lost = lost_ends(session, gone, kept)
        since = since or newest_moment(session) - LOOKED_BACK
    held = await ask_everybody(platform, since=since)
    with platform.database.reading() as session:
        last, given = numbers_given(session, gone)
        year = day_of(platform.now()).year
        told_of = [one.reference for one in references_in(held, proof) if one.counts]
        highest = highest_numbers(told_of, given=given, this_year=year)
        known = given | {of: max(given.get(of, 0), number) for of, number in highest.items()}
        numbers = numbers_to_skip(last, known, this_year=year, any_lost=bool(lost))
        plausible = partial(may_be_ours, given=given, this_year=year)
        found = lost_since(session, held, proof, pseudonym_key=platform.pseudonym_key, may_be_ours=plausible)
    back_to = min([end.seq, *(seq - 1 for seq, _ in lost)])
    told = Restored(gone is not None, back_to, sorted(seq for seq, _ in lost), since, sorted(believed), numbers)
    told.to_settle = found.to_settle
    if dry_run:
        told.taken_in_again = [reference for _, _, reference in found.families]
        told.stopped_again = [reference for _, _, reference in found.withdrawals]
        told.refused_again, told.posted_before = len(found.refusals), len(found.postings)
        return told
    put_right(platform, found, told, by=by)
    write_down(platform, told, end, lost, by=by)
    return told

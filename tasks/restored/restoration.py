"""After a backup was put back: numbers are skipped, what was lost is taken in again, and a person is told the rest.

Run twice it does nothing the second time. It tells no partner anything: what it takes in again, its case system knows.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

import storage.tables  # noqa: F401  # what is chained is read from all tables
from domain.audit import Link
from domain.errors import Invalid, NeedsPerson, TilflytError
from domain.referrals.household import FlaggedFamily
from domain.working_days import day_of
from storage.attention import ask_for_attention
from storage.audit.chain import LINK, last_link
from storage.audit.events import AuditEvent
from storage.audit.restorations import restorations, write_restoration
from storage.audit.states import ChainedStates
from storage.books.posted_before import remember_posted
from storage.dialect import one_at_a_time_throughout
from storage.parties.parties import partner, partners
from storage.referrals.flag_receipts import receipt_for
from storage.referrals.referrals import HistoryLine, ReferenceCounter, referral_by_reference, skip_references
from storage.restored.watermark import Gone, gone_back, note_anew
from tasks.path import flag_answers, intake
from tasks.platform import Platform
from tasks.restored.held_elsewhere import ask_everybody, highest_numbers, may_be_ours
from tasks.restored.lost_since import CASE, Lost, ToSettle, lost_since
from tasks.restored.proofs import Proof, references_in
from tasks.upkeep.chain import sign_now
from tasks.upkeep.retention import destroy_again

# Numbers that may have been given and that nobody told us of.
SPARE_NUMBERS = 100
LOOKED_BACK = timedelta(days=1)
Kept = Collection[tuple[int, str]]


class NothingToRestore(TilflytError):
    """There is nothing to go on from."""

    code = "nothing_to_restore"


@dataclass(slots=True)
class Restored:
    """What was found and done; references, codes and counts only."""

    went_back: bool
    back_to: int
    lost: list[int]
    asked_since: datetime
    believed: list[str]
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)
    taken_in_again: list[str] = field(default_factory=list)
    stopped_again: list[str] = field(default_factory=list)
    refused_again: int = 0
    posted_before: int = 0
    to_settle: list[ToSettle] = field(default_factory=list)

    @property
    def did_anything(self) -> bool:
        """Whether anything was found that had to be put right, or told."""
        done = (self.numbers, self.taken_in_again, self.stopped_again, self.refused_again, self.posted_before)
        return any(done)


async def restored(
    platform: Platform,
    *,
    by: str,
    kept: Kept = (),
    since: datetime | None = None,
    believed: Collection[str] = (),
    dry_run: bool = False,
) -> Restored:
    """Find what was lost, and put right what can be; with `dry_run`, only tell. `kept` are ends from letters.

    Of what a party holds, what shows our key counts, and all of it where a person takes the party's word (`believed`).
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
        lost = _lost_ends(session, gone, kept)
        since = since or _newest_moment(session) - LOOKED_BACK
    held = await ask_everybody(platform, since=since)
    with platform.database.reading() as session:
        last, given = _numbers_given(session, gone)
        year = day_of(platform.now()).year
        told_of = [one.reference for one in references_in(held, proof) if one.counts]
        highest = highest_numbers(told_of, given=given, this_year=year)
        known = given | {of: max(given.get(of, 0), number) for of, number in highest.items()}
        numbers = _numbers_to_skip(last, known, this_year=year, any_lost=bool(lost))
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
    _put_right(platform, found, told, by=by)
    _write_down(platform, told, end, lost, by=by)
    return told


def _lost_ends(session: Session, gone: Gone | None, kept: Kept) -> list[tuple[int, str]]:
    """The ends that the chain had and has no longer, and that no earlier run has written down."""
    ends = [*kept]
    if gone is not None:
        ends.append((gone.mark.seq, gone.mark.hash))
    known = {one for before in restorations(session) for one in before.lost}
    return [end for end in dict.fromkeys(ends) if end not in known and not _is_there(session, *end)]


def _is_there(session: Session, seq: int, hash_: str) -> bool:
    query = sa_select(LINK.c.seq).where(LINK.c.seq == seq, LINK.c.hash == hash_)
    return session.connection().execute(query).first() is not None


def _newest_moment(session: Session) -> datetime:
    """When the newest thing happened that this database knows."""
    newest = (
        session.exec(select(AuditEvent.at).order_by(col(AuditEvent.id).desc()).limit(1)).first(),
        session.exec(select(HistoryLine.at).order_by(col(HistoryLine.id).desc()).limit(1)).first(),
        session.exec(select(ChainedStates.at).order_by(col(ChainedStates.id).desc()).limit(1)).first(),
    )
    return max(filter(None, newest))


def _numbers_given(session: Session, gone: Gone | None) -> tuple[dict[int, int], dict[int, int]]:
    """The last number of each year that this database has given, and that it or its mark knows."""
    last = {row.year: row.last for row in session.exec(select(ReferenceCounter))}
    known = gone.mark.references if gone else {}
    return last, {year: max(last.get(year, 0), known.get(year, 0)) for year in last.keys() | known.keys()}


def _numbers_to_skip(
    last: Mapping[int, int], known: Mapping[int, int], *, this_year: int, any_lost: bool
) -> dict[int, tuple[int, int]]:
    """Of each year whose numbers may be other cases' elsewhere, the last one given and up to which to skip."""
    if any_lost:
        known = {this_year: 0, **known}
    return {
        year: (last.get(year, 0), max(number, last.get(year, 0)) + SPARE_NUMBERS)
        for year, number in known.items()
        if number > last.get(year, 0) or (any_lost and year == this_year)
    }


def _put_right(platform: Platform, found: Lost, told: Restored, *, by: str) -> None:
    destroy_again(platform.database, platform.vault, by=by, now=platform.now())
    with platform.database.writing() as session:
        # Before anything else: whatever ends this, no number is given twice.
        for year, (_, to) in sorted(told.numbers.items()):
            skip_references(session, year=year, to=to)
    for of, family, reference in found.families:
        why = _take_in_again(platform, of, family, reference, by=by)
        if why is None:
            told.taken_in_again.append(reference)
        told.to_settle.append(ToSettle(f"referral:{reference}", CASE, why or "taken in again", reference))
    for of, stop, reference in found.withdrawals:
        with platform.database.reading() as session:
            sender = partner(session, of)
        if flag_answers.stop(platform, sender, stop, was_told=True):
            told.stopped_again.append(reference)
        else:
            told.to_settle.append(
                ToSettle(f"referral:{reference}", CASE, f"{stop.withdrawal_id}: no case to stop", reference)
            )
    for of, receipt in found.refusals:
        with platform.database.reading() as session:
            sender = partner(session, of)
        fault = Invalid(receipt.field or "flag", receipt.reason or "refused")
        flag_answers.refuse(platform, sender, receipt.flag_id, fault, was_told=True)
        told.refused_again += 1
    with platform.database.writing() as session:
        now = platform.now()
        told.posted_before = sum(remember_posted(session, of, one, now=now) for of, one in found.postings)
        for one in told.to_settle:
            # A case that ends takes its own items along, and never what somebody elsewhere holds or knows.
            case = referral_by_reference(session, one.reference or "") if one.code == CASE else None
            about = case.id if case else None
            ask_for_attention(session, one.subject, one.code, now=now, detail=one.detail, referral_id=about)


def _take_in_again(platform: Platform, of: str, family: FlaggedFamily, reference: str, *, by: str) -> str | None:
    """Begin a lost case anew under the reference that everybody was told; why not, when it cannot be."""
    (key,) = platform.vault.new_keys(1, now=platform.now())
    mark = platform.vault.person_key(now=platform.now()).mark(family.identity.cpr)
    try:
        with platform.database.writing() as session:
            sender = partner(session, of)
            if receipt_for(session, sender.id, family.flag_id) is not None:
                raise Invalid("flag_id", "taken in meanwhile")
            if referral_by_reference(session, reference) is not None:
                raise Invalid("reference", "is another case's")
            case = intake.admit(platform, session, sender, family, key, mark=mark, again_as=reference)
            case.record("taken_in_again", actor=by)
    except (Invalid, NeedsPerson) as why:
        platform.vault.keys.forget([key.case_key])
        return f"{family.flag_id}: not taken in again: {why}"
    return None


def _write_down(platform: Platform, told: Restored, end: Link, lost: Kept, *, by: str) -> None:
    """That a backup was put back, in the chain; and how far the database has come, so that the worker goes on."""
    now = platform.now()
    if told.went_back or lost or told.did_anything:
        counts: Mapping[str, int] = {
            "taken_in_again": len(told.taken_in_again),
            "stopped_again": len(told.stopped_again),
            "posted_before": told.posted_before,
            "to_settle": len(told.to_settle),
        }
        with platform.database.writing() as session:
            back_to = told.back_to, _hash_of(session, told.back_to) or end.hash
            write_restoration(session, back_to=back_to, lost=lost, believed=told.believed, by=by, now=now, **counts)
    sign_now(platform.database, platform.vault, now=now)
    if platform.marks is not None:
        with platform.database.reading() as session:
            note_anew(session, platform.marks, now=now)


def _hash_of(session: Session, seq: int) -> str | None:
    found: str | None = session.connection().execute(sa_select(LINK.c.hash).where(LINK.c.seq == seq)).scalar()
    return found

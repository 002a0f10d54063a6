"""When a worker starts: whether the parties know case numbers that this database, having gone back, has not given."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, select

from domain.subject import Subject
from domain.working_days import day_of
from storage.attention import ask_for_attention
from storage.referrals.references import ReferenceCounter, number_of
from storage.restored.watermark import note_numbers
from tasks.platform import Platform
from tasks.restored.findings import UNPROVEN, together
from tasks.restored.held_elsewhere import ask_everybody, highest_numbers
from tasks.restored.proofs import Proof, Reference, references_in

# How far a worker looks back: for a backup put back later than that, only the mark shows it.
LOOKED_BACK = timedelta(days=30)


async def look_whether_it_went_back(platform: Platform) -> None:
    """Record in the mark the case numbers that the parties know and this database has not given.

    Only an answer with our key counts: no partner's mistake or malice may stop a worker. Nor does a number count that
    this database would not have reached. A person is told about answers without our key.
    """
    if platform.marks is None:
        return
    now = platform.now()
    found = await ask_everybody(platform, since=now - LOOKED_BACK, systems=("case_system", "finance"))
    told = list(references_in(found, Proof(platform.vault.told_key(now=now))))
    with platform.database.reading() as session:
        given = {row.year: row.last for row in session.exec(select(ReferenceCounter))}
        this_year = day_of(now).year
        ours = (one.reference for one in told if one.counts)
        highest = highest_numbers(ours, given=given, this_year=this_year)
        beyond = {year: number for year, number in highest.items() if number > given.get(year, 0)}
        if beyond:
            note_numbers(session, platform.marks, beyond, now=now)
    not_given = [one for one in told if not one.counts and not _was_given(one.reference, given)]
    if not_given:
        with platform.database.writing() as session:
            _tell_of_unproven(session, not_given, now=now)


def _was_given(reference: str, given: dict[int, int]) -> bool:
    year, number = number_of(reference) or (0, 0)
    return number <= given.get(year, 0)


def _tell_of_unproven(session: Session, claimed: Iterable[Reference], *, now: datetime) -> None:
    of_party: dict[str, dict[str, None]] = defaultdict(dict)
    for one in claimed:
        of_party[one.of][one.reference] = None
    for of, references in of_party.items():
        ask_for_attention(session, Subject.read(of), UNPROVEN, now=now, detail=together(list(references)))

"""How far the database had come, in a file that no backup of it holds: it shows when the database went back.

The file is written after the commit that it records, so it is never ahead of a database that lost nothing: whatever is
killed, and however many processes write, it is at most behind. The file's name is made from the chain's first entry, so
that another database beside it, of a test or a demo, has its own mark.
"""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from domain.audit import Link
from domain.errors import TilflytError
from storage.audit.chain import LINK, last_link
from storage.audit.restorations import restorations
from storage.database import OWNER_ALONE, Database
from storage.referrals.references import ReferenceCounter
from storage.settings import Settings
from storage.vault.destroyed import ONLY_OWNER_LOOKS, destroyed_keys

NAME_SIGNS = 16


class WentBack(TilflytError):
    """The database is older than it was: a backup was put back, or another copy is in its place."""

    code = "went_back"


class NoMark(TilflytError):
    """The mark cannot be written: then nobody would see that the database went back."""

    code = "no_mark"


class Mark(NamedTuple):
    """The chain's end at a moment, and the last case number of each year that was known then."""

    seq: int
    hash: str
    at: datetime
    references: dict[int, int]


_MARK = TypeAdapter(Mark)


class Marks:
    """The marks of a folder, one for each database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file_of(self, first_hash: str) -> Path:
        """The file with a database's mark, named by its chain's first entry."""
        return self.folder / f"chain-end-{first_hash[:NAME_SIGNS]}"

    def read(self, first_hash: str) -> Mark | None:
        """A database's mark; None when there is no readable one."""
        with suppress(OSError, ValidationError):
            return _MARK.validate_json(self.file_of(first_hash).read_bytes())
        return None

    def write(self, first_hash: str, mark: Mark) -> None:
        """Replace a mark, atomically. `NoMark` says why it failed."""
        file = self.file_of(first_hash)
        beside = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            self.folder.mkdir(mode=ONLY_OWNER_LOOKS, parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ALONE), "wb") as made:
                made.write(_MARK.dump_json(mark))
            beside.replace(file)
        except OSError as error:
            raise NoMark(f"{file} cannot be written: {error.strerror}") from None


def marks_of(settings: Settings) -> Marks:
    """The marks beside the file of destroyed keys, where backups of the databases do not reach."""
    return Marks(destroyed_keys(settings).file.parent)


def _hash_at(session: Session, seq: int) -> str | None:
    found: str | None = session.connection().execute(sa_select(LINK.c.hash).where(LINK.c.seq == seq)).scalar()
    return found


def _references(session: Session) -> dict[int, int]:
    rows = session.exec(select(ReferenceCounter.year, ReferenceCounter.last).order_by(col(ReferenceCounter.year)))
    return dict(rows.all())


class Gone(NamedTuple):
    """A database that went back: to which end of the chain, its mark, and the last numbers that it does not know.

    The numbers are by year; without numbers, entries of the chain are missing.
    """

    end: Link
    mark: Mark
    numbers: dict[int, int]


def gone_back(session: Session, marks: Marks) -> Gone | None:
    """How the database went back; None when it has all that its mark tells, or has none."""
    first, end = _hash_at(session, 1), last_link(session)
    mark = marks.read(first) if first is not None else None
    if mark is None or end is None:
        return None
    known = _references(session)
    numbers = {year: last for year, last in mark.references.items() if known.get(year, 0) < last}
    lost = _hash_at(session, mark.seq) != mark.hash and not any(one.explains(mark) for one in restorations(session))
    return Gone(end, mark, numbers) if numbers or lost else None


def refuse_if_gone_back(database: Database, marks: Marks | None) -> None:
    """`WentBack` when the database is older than its mark says, with what is to be done."""
    if marks is None:
        return
    with database.reading() as session:
        gone = gone_back(session, marks)
    if gone is not None:
        raise WentBack(told(gone))


def told(gone: Gone) -> str:
    """One sentence that says it."""
    seen = f"its chain ends at entry {gone.end.seq}, and entry {gone.mark.seq} was known"
    if gone.numbers:
        year, last = max(gone.numbers.items())
        seen = f"case number TF-{year}-{last:05d} was given, and it does not know of it"
    return f"the database went back: {seen} on {gone.mark.at:%Y-%m-%d %H:%M} UTC; run `tilflyt restored`"


def note_how_far(database: Database, marks: Marks, *, now: datetime) -> bool:
    """Write the mark; False when it is up to date. `WentBack` when the database went back."""
    refuse_if_gone_back(database, marks)
    with database.reading() as session:
        first, mark = _hash_at(session, 1), mark_now(session, now=now)
    before = marks.read(first) if first is not None else None
    if first is None or mark is None or (before is not None and _says(before) == _says(mark)):
        return False
    marks.write(first, mark)
    return True


def note_anew(session: Session, marks: Marks, *, now: datetime) -> None:
    """Write the mark although the database had once come further: a person has dealt with that."""
    first, mark = _hash_at(session, 1), mark_now(session, now=now)
    if first is not None and mark is not None:
        marks.write(first, mark)


def note_numbers(session: Session, marks: Marks, references: dict[int, int], *, now: datetime) -> None:
    """Record in the mark case numbers that were given but that the database does not know: it went back."""
    first, mark = _hash_at(session, 1), mark_now(session, now=now)
    if first is None or mark is None:
        return
    mark = marks.read(first) or mark
    years = mark.references.keys() | references.keys()
    most = {year: max(mark.references.get(year, 0), references.get(year, 0)) for year in years}
    marks.write(first, mark._replace(references=most))


def mark_now(session: Session, *, now: datetime) -> Mark | None:
    """How far the database has come; None while its chain has no entry."""
    references, end = _references(session), last_link(session)
    return Mark(end.seq, end.hash, now, references) if end else None


def _says(mark: Mark) -> tuple[object, ...]:
    return mark.seq, mark.hash, mark.references

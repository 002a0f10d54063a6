"""How far the database had come, in a file that no backup of it holds: what has gone back since is seen by it.

It is written after what it tells is committed, so that it is never ahead of a database that lost nothing: whatever is
killed, and however many write it, it is at most behind. The file's name is made from the chain's first entry: another
database beside it, of a test or a demo, has a mark of its own.
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
    """The mark cannot be written, so that nobody would see that the database went back."""

    code = "no_mark"


class Mark(NamedTuple):
    """An end that the chain had at a moment, and the last case number of each year that was known then."""

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
        """Where the mark of a database lies, by its chain's first entry."""
        return self.folder / f"chain-end-{first_hash[:NAME_SIGNS]}"

    def read(self, first_hash: str) -> Mark | None:
        """A database's mark; None when there is none that can be read."""
        with suppress(OSError, ValidationError):
            return _MARK.validate_json(self.file_of(first_hash).read_bytes())
        return None

    def write(self, first_hash: str, mark: Mark) -> None:
        """Put a mark in the place of what was there, whole or not at all. `NoMark` says why not."""
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
    """Beside the file of destroyed keys, which is where backups of the databases do not reach."""
    return Marks(destroyed_keys(settings).file.parent)


def _hash_at(session: Session, seq: int) -> str | None:
    found: str | None = session.connection().execute(sa_select(LINK.c.hash).where(LINK.c.seq == seq)).scalar()
    return found


def _references(session: Session) -> dict[int, int]:
    rows = session.exec(select(ReferenceCounter.year, ReferenceCounter.last).order_by(col(ReferenceCounter.year)))
    return dict(rows.all())


class Gone(NamedTuple):
    """That the database went back: to which end, the mark that it had reached, and the last numbers it does not know.

    The numbers are by year; where there are none, entries of the chain are missing.
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
    """The one sentence."""
    seen = f"its chain ends at entry {gone.end.seq}, and entry {gone.mark.seq} was known"
    if gone.numbers:
        year, last = max(gone.numbers.items())
        seen = f"case number TF-{year}-{last:05d} was given, and it does not know of it"
    return f"the database went back: {seen} on {gone.mark.at:%Y-%m-%d %H:%M} UTC; run `tilflyt restored`"


def note_how_far(database: Database, marks: Marks, *, now: datetime) -> bool:
    """Write down how far the database has come; False when that stands there already. `WentBack` when it went back."""
    refuse_if_gone_back(database, marks)
    with database.reading() as session:
        first, mark = _hash_at(session, 1), mark_now(session, now=now)
    before = marks.read(first) if first is not None else None
    if first is None or mark is None or (before is not None and _says(before) == _says(mark)):
        return False
    marks.write(first, mark)
    return True


def note_anew(session: Session, marks: Marks, *, now: datetime) -> None:
    """Write down how far the database has come though it had once come further, as a person has seen to that."""
    first, mark = _hash_at(session, 1), mark_now(session, now=now)
    if first is not None and mark is not None:
        marks.write(first, mark)


def note_numbers(session: Session, marks: Marks, references: dict[int, int], *, now: datetime) -> None:
    """Write down that case numbers were given that the database does not know: it went back."""
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

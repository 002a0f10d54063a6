"""A party's run of postings as a file, in the form that it takes; the same bytes whenever it is written.

The run is committed before its file is written: who dies in between writes the file again, and no posting is in two.
"""

import os
from datetime import date
from pathlib import Path
from uuid import uuid4

from connectors.finance.csv_postings import csv_postings
from connectors.finance.encoding import Encoding
from connectors.finance.prisme import PrismeTerms, g69_file
from domain.books.posting_run import PostingRun
from domain.errors import Invalid, TilflytError
from domain.parties.bookkeeping import Bookkeeping, PostingForm
from domain.parties.party import party_id
from domain.working_days import day_of, is_working_day
from storage.books.bookkeeping.runs import StoredRun, make_run, run_of, terms_of
from storage.parties.partners import partner_of, partners
from tasks.books.bank_days import days_banks_are_closed
from tasks.platform import Platform

ENDINGS = {PostingForm.CSV: "csv", PostingForm.PRISME: "g69"}
BY_ITSELF = "bookkeeping"


class FileIsThere(TilflytError):
    """A file of this name is there already, with other content, or its folder cannot be written to."""

    code = "file_is_there"


def export_run(platform: Platform, party: str, run_date: date, folder: Path, *, by: str) -> tuple[Path, int] | None:
    """Write a party's run of a day to a folder; the file and how many postings it has, None when nothing waits."""
    with platform.database.writing() as session:
        closed = days_banks_are_closed(_own_closed_days(partner_of(session, party).bookkeeping))
        made = make_run(session, party, run_date, closed_days=closed, by=by, now=platform.now())
        if made is None:
            return None
        run, terms = run_of(session, made), terms_of(made)
        # Written once before the run stays: what its form cannot hold is refused here.
        content = content_of(made, run, terms)
    path = folder / f"{party_id(party)}-{run_date}.{ENDINGS[made.form]}"
    _write_whole(path, content)
    return path, len(run.lines) // 2


def content_of(made: StoredRun, run: PostingRun, terms: Bookkeeping) -> bytes:
    """The bytes of a run's file. `Invalid` by the key of a line that its form cannot hold."""
    encoding = Encoding(terms.encoding.value)
    if made.form is PostingForm.CSV:
        return csv_postings(run, encoding)
    prisme = PrismeTerms(terms.organisation, terms.machine, terms.account_digits, encoding)
    return g69_file(run, prisme, closed_days=days_banks_are_closed(terms.closed_days))


def export_all(platform: Platform, folder: Path) -> tuple[list[str], list[str]]:
    """Write today's run of every party that takes a file, on a day on which banks are open; the files, and failures."""
    today = day_of(platform.now())
    with platform.database.reading() as session:
        wanting = [one for one in partners(session) if one.bookkeeping and one.bookkeeping.posted_on(today) in ENDINGS]
    written, failed = [], []
    for one in wanting:
        if not is_working_day(today, days_banks_are_closed(_own_closed_days(one.bookkeeping))):
            continue
        try:
            made = export_run(platform, one.party, today, folder, by=BY_ITSELF)
        except (Invalid, FileIsThere) as error:
            failed.append(f"{one.party}: {error}")
        else:
            written += [f"{made[0].name}: {made[1]} postings"] if made else []
    return written, failed


def _own_closed_days(books: Bookkeeping | None) -> tuple[date, ...]:
    return books.closed_days if books else ()


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all; one with the same bytes stays as it is."""
    # A name of its own: of two who write the same run at once, each renames its own.
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        if path.exists():
            if path.read_bytes() != content:
                raise FileIsThere(f"{path} is there already, with other content: move it away first")
            return
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError as error:
        raise FileIsThere(f"{path}: {error.strerror}") from None

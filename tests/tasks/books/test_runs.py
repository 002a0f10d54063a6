"""Postings that go as files: in one run each, the same bytes for the same run, never while banks are closed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from domain.errors import Invalid
from domain.parties.bookkeeping import Bookkeeping, FileEncoding, PostingForm, PostingsFrom
from domain.working_days import COPENHAGEN, day_of
from storage.books.bookkeeping.accepted import accepted_bookings
from storage.books.bookkeeping.runs import RunPosting, StoredRun
from storage.staff.postings import correct_posting, settle_posting
from tasks.books import run_files
from tasks.books.reports import read_report_of
from tasks.books.run_files import FileIsThere, export_all, export_run
from tests.tasks.books.postings_of_a_world import NYBORG, ODENSE, keeps_books, moves_in, states, steps, told
from tests.world.world import World

CSV = Bookkeeping(
    postings=(PostingsFrom(PostingForm.CSV, date(2026, 1, 1)),),
    accounts={"default": "5.33.41", "balance": "9.99.10"},
    encoding=FileEncoding.WINDOWS_1252,
)
PRISME = Bookkeeping(
    postings=(PostingsFrom(PostingForm.PRISME, date(2026, 1, 1)),),
    accounts={"default": "5334101", "balance": "9991001"},
    organisation=461,
    machine=17,
)


def today(world: World) -> date:
    return day_of(world.clock.now())


def at_noon_of(world: World, day: date) -> None:
    world.clock.at = datetime(day.year, day.month, day.day, 12, tzinfo=COPENHAGEN)


def exported(world: World, folder: Path, *, party: str = ODENSE, on: date | None = None) -> bytes:
    made = export_run(world.platform, party, on or today(world), folder, by="Regnskab")
    assert made is not None
    return made[0].read_bytes()


def test_a_postings_way_through_a_csv_file(world: World, tmp_path: Path):
    keeps_books(world, ODENSE, CSV)
    moves_in(world)
    assert states(world, ODENSE) == ["queued"]
    (one,) = told(world, ODENSE)

    first = exported(world, tmp_path)

    _, own, against = first.decode("cp1252").splitlines()
    key, on = one.row.key, today(world)
    text = f"{on};{on};Udligning TF-2026-00001 compensation;TF-2026-00001;compensation;fyn/1"
    assert own == f"0461-{on};{key};5.33.41;57000,00;D;{text}"
    assert against == f"0461-{on};{key}-m;9.99.10;-57000,00;K;{text}"
    # It was exported, and that is all that is known.
    assert states(world, ODENSE) == ["sent"]
    with world.platform.database.reading() as session:
        assert accepted_bookings(session) == frozenset()


def test_the_same_run_is_the_same_file_also_when_the_party_changes_its_accounts(world: World, tmp_path: Path):
    keeps_books(world, ODENSE, CSV)
    moves_in(world)
    first, on = exported(world, tmp_path), today(world)
    keeps_books(world, ODENSE, replace(CSV, accounts={"default": "1", "balance": "2"}))
    world.clock.move_on(timedelta(days=3))
    moves_in(world, 2)

    assert exported(world, tmp_path, on=on) == first
    (tmp_path / f"0461-{on}.csv").unlink()
    assert exported(world, tmp_path, on=on) == first
    (tmp_path / f"0461-{on}.csv").write_bytes(b"another")
    with pytest.raises(FileIsThere, match="with other content"):
        exported(world, tmp_path, on=on)
    assert len(world.rows(select(RunPosting))) == 1


def test_no_posting_is_lost_or_doubled_when_the_process_dies_between_row_and_file(world: World, monkeypatch, tmp_path):
    keeps_books(world, ODENSE, CSV)
    moves_in(world)
    folder = tmp_path / "runs"
    folder.mkdir()

    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(run_files, "_write_whole", dies)
        with pytest.raises(Killed):
            exported(world, folder)
    assert list(folder.iterdir()) == []

    content, on = exported(world, folder), today(world)
    world.clock.move_on(timedelta(days=1))

    assert content.count(b"\r\n") == 3
    assert export_run(world.platform, ODENSE, today(world), folder, by="Regnskab") is None
    assert [one.name for one in folder.iterdir()] == [f"0461-{on}.csv"]


def test_a_file_for_prisme_is_written_by_the_flow_on_banking_days_alone(world: World, tmp_path: Path):
    keeps_books(world, ODENSE, PRISME)
    # The day after Ascension Day: offices are open, and banks are closed.
    at_noon_of(world, date(2026, 5, 15))
    moves_in(world)

    assert export_all(world.platform, tmp_path) == ([], [])
    at_noon_of(world, date(2026, 5, 18))
    written, failed = export_all(world.platform, tmp_path)

    assert (written, failed) == (["0461-2026-05-18.g69: 1 postings"], [])
    lines = (tmp_path / "0461-2026-05-18.g69").read_text("cp1252").splitlines()
    assert len(lines) == 4
    assert lines[-1] == "SLUTD00002"
    assert all("&11020260518&" in line for line in lines[1:3])
    assert {line.partition("&111")[2][:10] for line in lines[1:3]} == {"0005334101", "0009991001"}
    assert export_all(world.platform, tmp_path) == (["0461-2026-05-18.g69: 1 postings"], [])


@pytest.mark.parametrize(
    ("party", "on", "says"),
    [
        (ODENSE, date(2026, 5, 15), "banks are closed on 2026-05-15"),
        (ODENSE, date(2026, 5, 16), "banks are closed"),
        (ODENSE, date(2026, 6, 1), "is still to come"),
        (NYBORG, date(2026, 5, 18), "takes no file of postings"),
    ],
)
def test_a_run_that_cannot_be_is_refused(sqlite_world: World, tmp_path: Path, party: str, on: date, says: str):
    keeps_books(sqlite_world, ODENSE, CSV)
    at_noon_of(sqlite_world, date(2026, 5, 18))
    moves_in(sqlite_world)

    with pytest.raises(Invalid, match=says):
        exported(sqlite_world, tmp_path, party=party, on=on)
    assert sqlite_world.rows(select(StoredRun)) == []


def test_a_posting_that_its_form_cannot_hold_makes_no_run_and_stays_in_wait(sqlite_world: World, tmp_path: Path):
    keeps_books(sqlite_world, ODENSE, replace(PRISME, accounts={"default": "5.33", "balance": "9"}))
    moves_in(sqlite_world)
    at_noon_of(sqlite_world, today(sqlite_world))

    written, failed = export_all(sqlite_world.platform, tmp_path)

    assert written == []
    assert failed[0].startswith(f"{ODENSE}: ")
    assert "must be at most 10 digits for Prisme" in failed[0]
    assert states(sqlite_world, ODENSE) == ["queued"]
    assert sqlite_world.rows(select(StoredRun)) == []


def test_the_form_is_that_of_the_day(sqlite_world: World):
    later = replace(CSV, postings=(PostingsFrom(PostingForm.CSV, today(sqlite_world) + timedelta(days=10)),))
    keeps_books(sqlite_world, ODENSE, later)
    moves_in(sqlite_world)
    sqlite_world.clock.move_on(timedelta(days=10))
    moves_in(sqlite_world, 2)

    assert states(sqlite_world, ODENSE) == ["accepted", "queued"]
    # Told by itself, it has the account string that its party names.
    assert told(sqlite_world, ODENSE)[0].posting.account_string == "5.33.41"


REPORT = "Nøgle;Beløb;Debet/Kredit;Dato\n"


def report(world: World, *rows: tuple[str, str, str]) -> bytes:
    lines = [f"{key};{amount};{side};{today(world)}" for key, amount, side in rows]
    return (REPORT + "\n".join(lines)).encode()


@pytest.mark.parametrize(
    ("rows", "state", "lists"),
    [
        ([("{key}", "57000,00", "D"), ("{key}-m", "57000,00", "K")], "reconciled", {}),
        ([("{key}", "57000,01", "D"), ("{key}-m", "57000,00", "K")], "disputed", {"another_amount": 1}),
        ([("{key}", "57000,00", "D"), ("{key}-m", "57000,01", "K")], "disputed", {"another_amount": 1}),
        ([("{key}", "57000,00", "D")] * 2 + [("{key}-m", "57000,00", "K")], "disputed", {"twice": 1}),
        ([("{key}-m", "57000,00", "K")], "sent", {"lost_there": 1}),
        ([], "sent", {"lost_there": 2}),
        (
            [("{key}", "57000,00", "D"), ("{key}-m", "57000,00", "K"), ("x", "1,00", "D")],
            "reconciled",
            {"lost_here": 1},
        ),
    ],
)
def test_what_a_finance_system_reports_back(world: World, tmp_path: Path, rows: list, state: str, lists: dict):
    keeps_books(world, ODENSE, CSV)
    moves_in(world)
    exported(world, tmp_path)
    key = told(world, ODENSE)[0].row.key
    body = report(world, *((name.format(key=key), *rest) for name, *rest in rows))

    found = read_report_of(world.platform, ODENSE, body, until=today(world))
    known = steps(world)
    again = read_report_of(world.platform, ODENSE, body, until=today(world))

    assert states(world, ODENSE) == [state]
    assert {name: len(some) for name, some in found.lists() if some} == lists
    assert {name: len(some) for name, some in again.lists() if some} == lists
    assert found.is_clean is (lists == {})
    # Read twice, it says nothing new.
    assert steps(world) == known


def test_a_posting_told_by_itself_is_reconciled_by_its_key_too(world: World):
    moves_in(world)
    (one,) = told(world, ODENSE)

    found = read_report_of(world.platform, ODENSE, report(world, (one.row.key, "57000,00", "D")), until=today(world))

    assert found.is_clean
    assert states(world, ODENSE) == ["reconciled"]
    assert steps(world)[-1] == ("reconciled", "file")


def test_a_rejected_posting_of_a_run_goes_corrected_in_the_next_one(world: World, tmp_path: Path):
    keeps_books(world, ODENSE, CSV)
    moves_in(world)
    exported(world, tmp_path)
    number, now = str(told(world, ODENSE)[0].row.id), world.clock.now()
    with world.platform.database.writing() as session:
        settle_posting(session, number, as_="rejected", by="Regnskab", now=now)
    with world.platform.database.writing() as session:
        key = world.platform.vault.told_key(now=now)
        correct_posting(session, number, account_string="5.33.42", told_key=key, by="Regnskab", now=now)
    world.deliver()
    world.clock.move_on(timedelta(days=1))

    second = exported(world, tmp_path).decode("cp1252")

    assert states(world, ODENSE) == ["corrected", "sent"]
    assert ";5.33.42;57000,00;D;" in second

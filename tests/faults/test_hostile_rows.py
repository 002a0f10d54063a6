"""A row that is written to be slow to judge delays nobody: not the page, not another's write, not the night."""

import asyncio
import threading
import time
from collections.abc import Callable
from statistics import median

import pytest
from sqlmodel import select

from approval_api.vacancies.push import LARGEST_BODY_BYTES
from domain.ports.vacancy_feed import RawVacancy
from domain.subject import About
from storage.attention import ask_for_attention
from storage.feeds import staging
from storage.feeds.quarantine import QuarantinedRow
from storage.feeds.raw_rows import LONGEST_RAW_BYTES
from tasks.feeds import night as syncing
from tests.world.feed_nights import OTHER, ROW, feed, night
from tests.world.pushed_vacancies import TOKEN, sent
from tests.world.served import browsing, serving
from tests.world.world import World

# How many times as long as a harmless row of the same size a wrong row may take to judge and store.
AT_MOST_TIMES, PAIRS = 5.0, 3
PIECES = ("<!--", "1 ", "&#48;")
SIZE = LARGEST_BODY_BYTES - 1_000


@pytest.fixture(autouse=True)
def havblik_may_send(monkeypatch):
    monkeypatch.setenv("DEMO_SECRET_HAVBLIK_PUSH", TOKEN)


def one_row(piece: str) -> bytes:
    """A body of the largest size that is accepted, with one row."""
    return b'{"format": "vacancy-feed/1", "vacancies": [{"x": "%s"}]}' % (piece * (SIZE // len(piece))).encode()


def many_rows(piece: str) -> bytes:
    """A body of the same size, in the longest rows that are stored whole."""
    row = b'{"x": "%s"}' % (piece * ((LONGEST_RAW_BYTES - 20) // len(piece))).encode()
    return b'{"format": "vacancy-feed/1", "vacancies": [%s]}' % b",".join([row] * (SIZE // (len(row) + 1)))


@pytest.mark.parametrize("made", [one_row, many_rows])
def test_what_is_sent_takes_no_longer_than_what_is_harmless(sqlite_world: World, made: Callable[[str], bytes]):
    keys = iter(range(1_000))

    def taken_s(body: bytes) -> float:
        # Processor time of this process, in which the endpoint runs, because other processes may be busy.
        begun = time.process_time()
        assert sent(http, body, key=f"k{next(keys)}").is_success
        return time.process_time() - begun

    with serving(sqlite_world) as origin, browsing(origin) as http:
        harmless = made("nothing at all. ")
        taken_s(harmless)
        times = {piece: median(taken_s(made(piece)) / taken_s(harmless) for _ in range(PAIRS)) for piece in PIECES}
    assert {piece: round(one, 1) for piece, one in times.items() if one > AT_MOST_TIMES} == {}


@pytest.mark.parametrize(
    "source",
    ['{"x": "' + "<!--" * 1_000_000 + '"}', "<!--" * 5_000, b"<Bolig><X>" + b"&#4" * 150_000 + b"</X></Bolig>"],
    ids=["JSON", "CSV", "XML"],
)
def test_a_night_takes_no_longer_than_a_harmless_one(sqlite_world: World, source: str | bytes):
    dull = source.translate(bytes.maketrans(b"<!-&#4", b"aaaaaa")) if isinstance(source, bytes) else "a" * len(source)

    def taken_s(came: str | bytes) -> float:
        found = feed(sqlite_world, ROW)
        found.raw = [found.raw[0], RawVacancy(2, {}, came)]
        begun = time.thread_time()
        night(sqlite_world)
        return time.thread_time() - begun

    taken_s(dull)
    assert median(taken_s(source) / taken_s(dull) for _ in range(PAIRS)) <= AT_MOST_TIMES


@pytest.fixture
def others_write(sqlite_world: World, monkeypatch) -> list[bool]:
    """Whether another thread could write, for each time that a wrong row was judged."""
    could: list[bool] = []
    looked_through = staging.to_keep

    def write() -> None:
        with sqlite_world.platform.database.writing() as session:
            ask_for_attention(session, About.FEED.of(len(could)), "meanwhile", now=sqlite_world.clock.now())

    def looking(raw: RawVacancy) -> bytes:
        other = threading.Thread(target=write, daemon=True)
        other.start()
        other.join(timeout=30)  # a thread that can write ends long before
        could.append(not other.is_alive())
        return looked_through(raw)

    monkeypatch.setattr(staging, "to_keep", looking)
    return could


def test_others_write_while_the_rows_of_a_sending_are_looked_through(sqlite_world: World, others_write: list[bool]):
    with serving(sqlite_world) as origin, browsing(origin) as http:
        assert sent(http, one_row("<!--")).is_success
    assert others_write == [True]


def test_others_write_while_the_rows_of_a_night_are_looked_through(sqlite_world: World, others_write: list[bool]):
    """Also rows that are wrong only because of a row in an earlier batch."""
    in_batches = feed(sqlite_world, ROW, OTHER, OTHER | {"rooms": 0}, ROW | {"rooms": 4})
    in_batches.rows_at_once = 2
    asyncio.run(syncing.sync(sqlite_world.platform, "havblik"))
    assert others_write == [True, True]
    assert len(sqlite_world.rows(select(QuarantinedRow))) == len(others_write)


def test_a_row_that_is_cut_says_so_and_shows_no_half_of_a_number(sqlite_world: World):
    found = feed(sqlite_world, ROW)
    for pad in range(LONGEST_RAW_BYTES - 80, LONGEST_RAW_BYTES):
        found.raw.append(RawVacancy(pad, {}, "y" * pad + "010180-1234" + "z" * 5_000))
    night(sqlite_world)
    for row in sqlite_world.rows(select(QuarantinedRow)):
        kept, _, cut = row.raw.decode().partition(" … ")
        assert len(row.raw) <= LONGEST_RAW_BYTES
        assert int(cut.strip("[+bytes] ")) > 0
        assert not any(sign.isdecimal() for sign in kept)

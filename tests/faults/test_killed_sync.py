"""The sync is killed at random moments: the last good snapshot stays complete, and the next run goes on from it."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from sqlmodel import select

from deployments.progress import until
from domain.feeds.load import LoadStanding
from domain.parties.party import Connection
from storage.feeds.feeds import FeedLoad
from storage.feeds.staging import StagedVacancy
from storage.parties.partners import partner_of, remember_partner
from storage.vacancies.vacancies import Vacancy
from tests.faults.bad_feeds import good
from tests.world.world import World

ROWS, ROWS_A_PAGE = 4_000, 400
KILLS = 6
# A sync of this feed takes about half a second from its first request on.
ALIVE_S = 0.6
# A key that is not secret; the command needs one to start.
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class Feed(ThreadingHTTPServer):
    """A feed in pages, whose rents the test sets; it signals when it is asked."""

    rent = 700_000

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked = threading.Event()


class Page(BaseHTTPRequestHandler):
    server: Feed

    def do_GET(self) -> None:
        self.server.asked.set()
        start = int(parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0])
        end = start + ROWS_A_PAGE
        rows = [good(number, rent_monthly_ore=self.server.rent) for number in range(start, end)]
        told = {"format": "vacancy-feed/1", "vacancies": rows, "next": str(end) if end < ROWS else None}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def served() -> Iterator[Feed]:
    with Feed() as feed:
        thread = threading.Thread(target=feed.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield feed
        finally:
            feed.shutdown()
            thread.join()


def begun(world: World, clock: object) -> subprocess.Popen[bytes]:
    """`tilflyt sync` on the world's database, started."""
    url = world.platform.database.engine.url.render_as_string(hide_password=False)
    world.platform.vault.keys.make()
    environment = os.environ | {
        "TILFLYT_WORLD": "demo",
        "TILFLYT_DEMO_CLOCK_FILE": str(clock),
        "TILFLYT_DATABASE_URL": url,
        "TILFLYT_KEYS_URL": world.platform.vault.keys.url,
        "HAVBLIK_TOKEN": "token",
        **{f"TILFLYT_{name}_KEY": KEY for name in ("LINK", "PSEUDONYM", "VAULT")},
    }
    command = [sys.executable, "-m", "deployments.cli.main", "sync", "--association", "havblik"]
    return subprocess.Popen(  # noqa: S603  # our own command
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def ends_well(running: subprocess.Popen[bytes]) -> None:
    """Wait for the command, which must end with exit code 0."""
    _, complaint = running.communicate()
    assert running.returncode == 0, complaint


def rents(world: World) -> dict[int, int]:
    """The number of homes at each rent."""
    found = world.rows(select(Vacancy.rent_monthly_ore))
    return {rent: found.count(rent) for rent in set(found)}


def test_a_sync_killed_at_any_moment_leaves_the_last_good_snapshot_whole(world: World, tmp_path):
    chance = random.Random(4)
    clock = tmp_path / "clock"
    clock.write_text("0")
    with served() as feed:
        at = Connection("json-vacancies", f"http://127.0.0.1:{feed.server_port}/", "HAVBLIK_TOKEN")
        with world.platform.database.writing() as session:
            known = partner_of(session, "association:havblik")
            systems = {**known.systems, "vacancy_feed": at}
            remember_partner(session, replace(known, systems=systems), now=world.clock.now())
        killed = 0
        ends_well(begun(world, clock))
        assert rents(world) == {700_000: ROWS}

        for number in range(1, KILLS + 1):
            feed.rent = 700_000 + number * 100
            feed.asked.clear()
            running = begun(world, clock)
            until(feed.asked.is_set, every_s=0.01)
            time.sleep(chance.uniform(0, ALIVE_S))  # The moment of the kill is what is tested.
            running.send_signal(signal.SIGKILL)
            running.communicate()
            killed += running.returncode == -signal.SIGKILL
            assert list(rents(world).values()) == [ROWS], "all of a feed or nothing of it"

        # A day later the rows of abandoned loads are deleted, and the homes are as the feed has them.
        clock.write_text(str(timedelta(days=1).total_seconds()))
        ends_well(begun(world, clock))

    assert killed > KILLS // 2
    assert rents(world) == {700_000 + KILLS * 100: ROWS}
    assert world.rows(select(StagedVacancy)) == []
    assert LoadStanding.FETCHING not in world.rows(select(FeedLoad.standing))

"""Processes that book the same move-in: all at the same instant, or one after the other, each killed a statement later.

They are forked from a process that has imported everything and has booked the move-in once without its commit, because
importing takes two seconds, finding the statements' texts 200 ms and booking 20 ms. Each connects to the database by
itself and carries the case by the path's own leg.
`python -m tests.faults.forked_bookers at_once 100 URL FOLDER MOMENT CASE` prints how many moved it, did not and failed;
`… killed 0 URL FOLDER MOMENT CASE` prints before how many statements one was killed until one came to its end.
"""

import gc
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

import storage.tables  # noqa: F401  # a booking names rows of other tables
from domain.errors import MovedMeanwhile
from storage.database import Database
from tasks.path.legs import LEGS
from tasks.path.moves import LegReport, move_each
from tests.world.new_world import world_around

MOVED, NOTHING, FAILED = 0, 3, 1


class Booker:
    """Carries a case by the leg that books its move-in."""

    def __init__(self, url: str, folder: str, moment: str, case: str) -> None:
        self.database, self.case = Database(url), int(case)
        self.world = world_around(self.database, Path(folder))
        self.world.clock.at = datetime.fromisoformat(moment)

    def warm_up(self) -> None:
        """Book once, and leave nothing of it: from then on every statement's text is known."""
        event.listen(self.database.engine, "commit", _never)
        assert not self._moved().moved, "what was booked to warm up has stayed"
        event.remove(self.database.engine, "commit", _never)
        self.database.close()

    def carry(self, *, killed_before: int | None = None) -> int:
        """Book as a process that was forked; returns the process's exit code."""
        # The connections of the process that it was forked from are not its own.
        self.database.engine.dispose(close=False)
        _connect(self.database)
        if killed_before is not None:
            _wait_for_the_end_of_the_killed(self.database)
            _kill_before(self.database, killed_before)
        report = self._moved()
        if report.failed:
            return FAILED
        return MOVED if report.moved else NOTHING

    def _moved(self) -> LegReport:
        return move_each(self.world.platform, LEGS["book_compensation"], [self.case])


def _never(_: object) -> None:
    """Have a transaction end at its commit, and leave nothing."""
    raise MovedMeanwhile("a warm-up")


def _connect(database: Database) -> None:
    """Connect; a server that has a hundred clients already is asked again when some have left."""
    while True:
        try:
            with database.reading() as session:
                session.connection()
        except OperationalError as error:
            if "too many clients" not in str(error) and "remaining connection slots" not in str(error):
                raise
            time.sleep(0.01)  # Until another process ends.
        else:
            return


def _wait_for_the_end_of_the_killed(database: Database) -> None:
    """Wait until the server has noticed that the process before this one was killed, and has released its locks."""
    at_work = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
    )
    while not database.is_sqlite:
        with database.reading() as session:
            if session.execute(at_work).scalar_one() == 0:
                return
        time.sleep(0.005)  # Until the server ends that session.


def _kill_before(database: Database, statement: int) -> None:
    """Have this process killed before its n-th statement; a commit is one too."""
    left = statement

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", count)
    event.listen(database.engine, "commit", count)


def forked(deed: Callable[[], int]) -> int:
    """Fork a process that does something and ends with its exit code; returns its id."""
    if (pid := os.fork()) == 0:
        code = FAILED
        try:
            code = deed()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return pid


def at_once(count: int, booker: Booker) -> dict[str, int]:
    """Have so many processes carry the case at the same instant."""
    reads, writes = os.pipe()

    def after_the_others() -> int:
        os.close(writes)
        os.read(reads, 1)  # It ends when nobody holds the other end any more.
        return booker.carry()

    pids = [forked(after_the_others) for _ in range(count)]
    os.close(writes)
    codes = Counter(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids)
    return {"moved": codes[MOVED], "nothing": codes[NOTHING], "failed": count - codes[MOVED] - codes[NOTHING]}


def killed(booker: Booker) -> dict[str, int]:
    """Have one process after the other killed a statement later, until one comes to its end."""
    statement, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        statement += 1
        pid = forked(partial(booker.carry, killed_before=statement))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"killed": statement - 1, "code": code}


if __name__ == "__main__":
    how, many, *those = sys.argv[1:]
    one = Booker(*those)
    one.warm_up()
    # Collecting would copy the memory that the forked processes share.
    gc.freeze()
    print(json.dumps(at_once(int(many), one) if how == "at_once" else killed(one)))  # noqa: T201  # read by the test

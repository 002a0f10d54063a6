"""Processes that book the same move-in: all at the same instant, or one after the other, each killed a statement later.

They are forked from a process that has imported everything, because importing takes two seconds and booking 20 ms. Each
opens the database by itself and carries the case by the path's own leg.
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
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

import storage.tables  # noqa: F401  # a booking names rows of other tables
from storage.database import Database
from tasks.path.legs import LEGS
from tasks.path.moves import move_each
from tests.world.new_world import world_around

MOVED, NOTHING, FAILED = 0, 3, 1


def carried(url: str, folder: str, moment: str, case: str, *, killed_before: int | None = None) -> int:
    """Carry a case by the leg that books its move-in; returns the process's exit code."""
    database = Database(url)
    _connect(database)
    world = world_around(database, Path(folder))
    world.clock.at = datetime.fromisoformat(moment)
    if killed_before is not None:
        _kill_before(database, killed_before)
    report = move_each(world.platform, LEGS["book_compensation"], [int(case)])
    if report.failed:
        return FAILED
    return MOVED if report.moved else NOTHING


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


def at_once(count: int, *of: str) -> dict[str, int]:
    """Have so many processes carry the case at the same instant."""
    reads, writes = os.pipe()

    def after_the_others() -> int:
        os.close(writes)
        os.read(reads, 1)  # It ends when nobody holds the other end any more.
        return carried(*of)

    pids = [forked(after_the_others) for _ in range(count)]
    os.close(writes)
    codes = Counter(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids)
    return {"moved": codes[MOVED], "nothing": codes[NOTHING], "failed": count - codes[MOVED] - codes[NOTHING]}


def killed(*of: str) -> dict[str, int]:
    """Have one process after the other killed a statement later, until one comes to its end."""
    statement, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        statement += 1
        pid = forked(lambda before=statement: carried(*of, killed_before=before))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"killed": statement - 1, "code": code}


if __name__ == "__main__":
    # Collecting would copy the memory that the forked processes share.
    gc.freeze()
    how, many, *those = sys.argv[1:]
    print(json.dumps(at_once(int(many), *those) if how == "at_once" else killed(*those)))  # noqa: T201  # read by the test

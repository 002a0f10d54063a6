"""The functions of ours that take two locks in one transaction.

Each is run against every other in tests/stories/test_locks_that_cross.py. A test in which a function that is not listed
here takes two locks fails with its name; a function that is listed here and takes no two locks there fails that test.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event
from sqlmodel import Session

HERE = Path(__file__).parents[2]
PRODUCT = ("storage", "tasks", "approval_api", "deployments")
LOCKING = frozenset(
    {
        "approval_api.questions.record.recorded",
        "storage.privacy.shredding.finish",
        "storage.questions.links.count_wrong_digits",
        "storage.questions.answers.pass_on",
        "storage.staff.areas.say_what_area",
        "storage.staff.claims.withdraw_claim",
        "storage.staff.attention.deal_with_all",
        "storage.staff.families.answers.record_for_family",
        "storage.staff.families.cases.moved_out",
        "storage.staff.families.rights.correct",
        "storage.privacy.old_seals.bind_some",
        "tasks.asking.deadlines._deed_on",
        "tasks.asking.mail_notes.note_mail",
        "tasks.books.answers._hear",
        "tasks.books.claims._tried_to_ask",
        "tasks.delivery.lanes._write_down",
        "tasks.feeds.ready_loads.apply_ready",
        "tasks.feeds.fetch.Fetching.finish",
        "tasks.feeds.unchanged.left_unchanged",
        "tasks.intake.flag_answers.stop",
        "tasks.intake.intake._take",
        "tasks.path.moves._move",
        "tasks.path.persons._know",
        "tasks.path.requests._send",
        "tasks.upkeep.asked_again._asked",
    }
)
# The functions of the tests that record locks.
OURS = ("opened_by", "look", "ended")
# Functions that lock as another one does, and that only a long test could run.
ALIKE = {
    "tasks.restored.lost_cases._take_in_again": "tasks.intake.intake._take",
}


def opened_by() -> str:
    """The function of ours that opened the transaction which ends here; for `carry_out`, the deed that it was given.

    Empty when a test opened it.
    """
    frame = sys._getframe()
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        of = file.relative_to(HERE).parts if file.is_relative_to(HERE) else ("",)
        if of[0] in PRODUCT and file != HERE / "storage" / "database.py":
            if of[-1] == "actor.py" and "deed" in frame.f_locals:
                deed = frame.f_locals["deed"]
                return f"{deed.__module__}.{deed.__qualname__}" if deed.__module__.startswith(PRODUCT) else ""
            return f"{'.'.join(of).removesuffix('.py')}.{frame.f_code.co_qualname}"
        if of[0] == "tests" and frame.f_code.co_name not in OURS:
            return ""
        frame = frame.f_back
    return ""


@contextmanager
def who_takes_two_locks() -> Iterator[set[str]]:
    """The functions that take two locks in one transaction while the block runs, and are not listed above."""
    found: set[str] = set()

    def look(session: Session) -> None:
        if len(session.info.get("locks", ())) > 1:
            found.update({opened_by()} - LOCKING - ALIKE.keys() - {""})

    event.listen(Session, "before_commit", look)
    try:
        yield found
    finally:
        event.remove(Session, "before_commit", look)

"""A lock against the order of locks is refused, and every lock is taken through the module with the order."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session

from storage.database import Database
from storage.locks import Lock, OutOfOrder, hold_case, hold_cases, hold_flags, taking
from storage.referrals.referrals import lock

HERE = Path(__file__).parents[2]


def case_after_case(session: Session) -> None:
    hold_case(session, 2)
    hold_case(session, 1)


def case_after_feed(session: Session) -> None:
    taking(session, Lock.FEED, "havblik")
    lock(session, 1)


def feed_after_home(session: Session) -> None:
    taking(session, Lock.HOME, 1)
    taking(session, Lock.FEED)


def flags_after_case(session: Session) -> None:
    hold_case(session, 1)
    hold_flags(session, "0461")


@pytest.mark.parametrize("deed", [case_after_case, case_after_feed, feed_after_home, flags_after_case])
def test_a_lock_against_the_order_is_refused(sqlite: Database, deed: Callable[[Session], None]):
    with pytest.raises(OutOfOrder), sqlite.writing() as session:
        deed(session)


def test_what_is_held_may_be_taken_again_and_each_transaction_begins_anew(sqlite: Database):
    with sqlite.writing() as session:
        hold_cases(session, [3, 1, None, 3])
        hold_case(session, 1)
        taking(session, Lock.HOME, 7)
        hold_case(session, 3)
    with sqlite.writing() as session:
        hold_case(session, 2)


# As a function of ours that nobody has opened against the others.
NOT_KNOWN = """
def deed(database, hold):
    with database.writing() as session:
        hold(session, [1, 2])
"""


def test_a_function_that_takes_two_locks_and_was_opened_against_no_other_fails_every_test_that_calls_it(
    sqlite: Database, take_two_locks: set[str]
):
    names: dict[str, Callable[..., None]] = {}
    exec(compile(NOT_KNOWN, str(HERE / "storage" / "not_known.py"), "exec"), names)  # noqa: S102  # our own words

    names["deed"](sqlite, hold_cases)

    assert take_two_locks == {"storage.not_known.deed"}
    take_two_locks.clear()


def calls(file: Path) -> set[str]:
    """The names of all functions that a module calls, and of its keyword arguments."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            found |= {ast.unparse(node.func).rpartition(".")[2], *(f"{one.arg}=" for one in node.keywords)}
    return found


def test_no_module_holds_a_row_past_the_order_of_locks():
    """Code that locks rows by a query, or by reading a row, reports it to `taking`."""
    silent = []
    for layer in ("storage", "tasks", "approval_api", "deployments"):
        for file in sorted((HERE / layer).rglob("*.py")):
            called = calls(file)
            if file == HERE / "storage" / "locks.py":
                continue
            if "with_for_update" in called or ({"holding", "with_for_update="} & called and "taking" not in called):
                silent.append(str(file.relative_to(HERE)))
    assert silent == []

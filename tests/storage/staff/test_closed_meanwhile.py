"""A deed of staff checks a case after locking it: a case that closes between reading and locking is refused.

On PostgreSQL only: SQLite has one writer at a time, so that nothing can happen in between.
"""

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from domain.errors import TilflytError
from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status, WithdrawalReason
from storage.columns import id_of
from storage.referrals.history import HistoryLine
from storage.referrals.referrals import request_stop
from storage.staff.families import cases
from storage.staff.families.reassignment import reassign as reassign_case
from storage.staff.families.requests import send_with_fewer
from tests.world.families import family
from tests.world.world import World

REFERENCE, WHO = "TF-2026-00001", "Maria Hansen"
Deed = Callable[[Session, World], object]


def withdraw(session: Session, world: World) -> None:
    cases.withdraw(session, REFERENCE, by=WHO, now=world.clock.now())


def reassign(session: Session, world: World) -> None:
    reassign_case(session, REFERENCE, to="sagsbehandler-2", by=WHO, now=world.clock.now())


def send(session: Session, world: World) -> None:
    send_with_fewer(session, REFERENCE, least=1, terms=world.platform.anonymity, by=WHO, now=world.clock.now())


def close(world: World) -> None:
    with world.platform.database.writing() as session:
        of = id_of(world.referral())
        request_stop(session, of, WithdrawalReason.CONSENT_WITHDRAWN, now=world.clock.now())
    world.settle()


@pytest.fixture
def waiting(world: World) -> World:
    """A case that waits for others alike, and whose caseworker is asked whether fewer suffice."""
    world.home()
    world.flag(family())
    world.until(QuestionKind.FEWER_ALIKE)
    return world


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("deed", "says"),
    [
        (withdraw, "can no longer be withdrawn"),
        (reassign, "no open question"),
        (send, "does not wait for others"),
    ],
)
def test_a_case_that_closes_before_it_is_held_is_refused(
    waiting: World, monkeypatch: pytest.MonkeyPatch, deed: Deed, says: str
):
    holds = cases.hold_case

    def hold_once_closed(session: Session, referral_id: int) -> None:
        close(waiting)
        holds(session, referral_id)

    monkeypatch.setattr(cases, "hold_case", hold_once_closed)

    with pytest.raises(TilflytError, match=says), waiting.platform.database.writing() as session:
        deed(session, waiting)

    assert waiting.referral().status is Status.WITHDRAWN
    assert waiting.rows(select(HistoryLine).where(HistoryLine.actor == WHO)) == []


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
@pytest.mark.parametrize("deed", [withdraw, reassign, send])
def test_a_case_that_stays_open_is_not(waiting: World, deed: Deed):
    with waiting.platform.database.writing() as session:
        deed(session, waiting)

    assert len(waiting.rows(select(HistoryLine).where(HistoryLine.actor == WHO))) == 1

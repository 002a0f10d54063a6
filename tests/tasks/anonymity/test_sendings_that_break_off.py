"""Sendings that break off, and two at the same moment."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.anonymity.measure import AnonymityTerms
from domain.errors import TilflytError
from domain.referrals.lifecycle import WithdrawalReason
from storage.privacy.releases import LinedUp, Release
from storage.questions.questions import Question
from storage.referrals.referrals import request_stop
from tasks.anonymity import sent_request
from tasks.path import requests
from tests.tasks.anonymity.associations import HAVBLIK, sent_to
from tests.tasks.anonymity.crowd import LIKE, asked_about, seek, three_must_be_alike
from tests.world.world import World


@pytest.fixture
def crowded(world: World) -> World:
    return three_must_be_alike(world)


def test_who_leaves_after_all_was_planned_takes_nobody_into_the_open(crowded: World, monkeypatch):
    """One of three withdraws after the sending is planned and before it is done: the other two are not sent."""
    seek(crowded, LIKE, LIKE, LIKE)
    planned = requests.planned

    def and_one_leaves(platform):
        plan = planned(platform)
        if plan.groups:
            with platform.database.writing() as session:
                request_stop(session, 2, WithdrawalReason.CONSENT_WITHDRAWN, now=platform.now())
        return plan

    monkeypatch.setattr(requests, "planned", and_one_leaves)
    crowded.sending_day()
    monkeypatch.undo()

    assert crowded.rows(select(Release)) == []
    assert {one.referral_id for one in crowded.rows(select(LinedUp))} == {1, 3}
    seek(crowded, LIKE, first=4)
    crowded.sending_day()
    assert asked_about(crowded) == {1, 3, 4}


def test_what_breaks_off_in_the_middle_of_a_sending_leaves_nothing_of_it(crowded: World, monkeypatch):
    seek(crowded, LIKE, LIKE, LIKE, LIKE)
    ask, asked = sent_request.ask_party, []

    def breaks_off(case, *args):
        asked.append(case.id)
        if len(asked) == 2:
            raise SystemExit("the power went")
        return ask(case, *args)

    monkeypatch.setattr(sent_request, "ask_party", breaks_off)
    with pytest.raises(SystemExit):
        crowded.sending_day()
    monkeypatch.undo()
    assert crowded.rows(select(Release)) == []

    # The cases that were looked at are tried again soon, on the same day.
    crowded.clock.move_on(timedelta(minutes=1))
    crowded.settle()
    assert asked_about(crowded) == {1, 2, 3, 4}


def test_what_breaks_off_before_anything_is_sent_does_not_wait_for_the_next_day(crowded: World, monkeypatch):
    crowded.platform = replace(crowded.platform, anonymity=AnonymityTerms(least=3, wanted=3))
    seek(crowded, LIKE, LIKE)
    monkeypatch.setattr(requests, "planned", lambda _platform: (_ for _ in ()).throw(SystemExit("the power went")))
    with pytest.raises(SystemExit):
        seek(crowded, LIKE, first=3)
    monkeypatch.undo()
    assert asked_about(crowded) == set()
    crowded.clock.move_on(timedelta(minutes=1))
    crowded.settle()
    assert asked_about(crowded) == {1, 2, 3}


def test_one_that_cannot_be_sent_stays_behind_and_does_not_keep_enough_others(crowded: World, monkeypatch):
    seek(crowded, LIKE, LIKE, LIKE, LIKE)
    ask = sent_request.ask_party

    def not_the_second(case, *args):
        if case.id == 2:
            raise TilflytError("nobody can be asked")
        return ask(case, *args)

    monkeypatch.setattr(sent_request, "ask_party", not_the_second)
    crowded.sending_day()

    assert asked_about(crowded) == {1, 3, 4}
    assert crowded.referral("TF-2026-00002").attempts > 0


def test_workers_that_send_at_the_same_instant_send_each_once(crowded: World):
    seek(crowded, *[LIKE] * 6)
    with crowded.platform.database.writing() as session:
        for row in session.exec(select(LinedUp)):
            row.due_at = crowded.clock.now()
    start, failed = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        failed.append(requests.send_requests(crowded.platform))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == [{}] * 4
    times = Counter((one.referral_id, one.asked_of) for one in crowded.rows(select(Question)) if one.request)
    assert set(times.values()) == {1}
    assert len(times) == 12
    assert {row.alike_released for row in sent_to(crowded, HAVBLIK)} == set(range(1, 7))

"""A request waits until enough others like it are sent with it; when it waits too long, a person is asked."""

from datetime import timedelta

import pytest
from sqlmodel import select

from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from storage.privacy.releases import LinedUp, Release, ReleaseWait
from tests.tasks.anonymity.choices import UNLIKE, deeds
from tests.tasks.anonymity.crowd import LIKE, asked_about, seek, stop, three_must_be_alike
from tests.world.world import World


@pytest.fixture
def crowded(world: World) -> World:
    return three_must_be_alike(world)


def test_three_alike_wait_for_the_sending_day_and_then_go_out_together(crowded: World):
    seek(crowded, LIKE, LIKE)
    seek(crowded, LIKE, first=3)
    assert crowded.questions(QuestionKind.OFFER) == []
    assert all(crowded.referral(f"TF-2026-0000{n}").status is Status.SEEKING for n in (1, 2, 3))

    crowded.sending_day()

    assert asked_about(crowded) == {1, 2, 3}
    assert (crowded.rows(select(ReleaseWait)), crowded.rows(select(LinedUp))) == ([], [])
    releases = crowded.rows(select(Release).order_by(Release.id))
    assert {(one.alike_seeking, one.crowd, one.loss, one.least, one.wanted) for one in releases} == {(3, 3, 0, 3, 11)}
    for recipient in {one.recipient for one in releases}:
        theirs = [one for one in releases if one.recipient == recipient]
        assert [one.alike_released for one in theirs] == [1, 2, 3]
        assert len({one.released_at for one in theirs}) == 1
    assert deeds(crowded, "waits_for_others") == []


def test_two_alike_do_not_go_out_though_enough_were_seeking_lately(crowded: World):
    seek(crowded, LIKE, LIKE, LIKE)
    crowded.sending_day()
    seek(crowded, LIKE, LIKE, first=4)
    crowded.sending_day()

    # Somebody who knows on which day they were signed off could tell them from all but these two.
    assert asked_about(crowded) == {1, 2, 3}
    assert len(crowded.rows(select(ReleaseWait))) == 2
    assert len(deeds(crowded, "waits_for_others")) == 2


def test_what_tells_them_apart_is_left_out_of_all_that_is_sent(crowded: World):
    seek(crowded, LIKE, UNLIKE, LIKE)
    crowded.sending_day()

    requests = [question.request or {} for question in crowded.questions(QuestionKind.OFFER)]
    assert requests
    assert {(one["rent_from_ore"], one["move_in_year"], one["rooms_from"]) for one in requests} == {(800_000, 2026, 3)}
    assert {(one["rent_to_ore"], one["move_in_month"], one["move_in_months"]) for one in requests} == {
        (1_000_000, 4, 3)
    }
    assert {tuple(sorted(one.steps.items())) for one in crowded.rows(select(Release))} == {
        (("move_in", "quarter"), ("rent_ore", "2000_kr"))
    }
    letters = "\n".join(text for text in crowded.texts() if "B-" in text)
    assert "8.000 kr. og 10.000 kr." in letters
    assert "2. kvartal 2026" in letters


def test_those_who_were_seeking_lately_still_count_and_after_the_window_no_more(crowded: World):
    seek(crowded, LIKE, LIKE, LIKE)
    stop(crowded, "TF-2026-00001", "TF-2026-00002", "TF-2026-00003")
    counted = []
    for days, first in ((60, 4), (91, 7)):
        crowded.clock.move_on(timedelta(days=days))
        seek(crowded, LIKE, LIKE, LIKE, first=first)
        crowded.sending_day()
        counted.append(max(one.alike_seeking for one in crowded.rows(select(Release))))
        newest = [f"TF-2026-0000{number}" for number in range(first, first + 3)]
        assert asked_about(crowded) >= {crowded.referral(reference).id for reference in newest}
        stop(crowded, *newest)
    assert counted == [6, 6]
    assert crowded.rows(select(Release).order_by(Release.id.desc()))[0].alike_seeking == 3

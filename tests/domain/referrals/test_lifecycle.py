"""The lifecycle's table of moves."""

from itertools import pairwise

import pytest

from domain.errors import NotAllowed
from domain.parties.deadlines import OF_NO_CASE
from domain.questions.question import REASON_CODES, SIDE_OF, QuestionKind
from domain.referrals.lifecycle import DECLINE_REASONS, MOVES, NO_ANSWER, WITHDRAWABLE, Effect, Side, Status, advance

PATH = [
    Status.RECEIVED,
    Status.SEEKING,
    Status.PROPOSED,
    Status.APPROVED,
    Status.ACCEPTED,
    Status.HOUSED,
    Status.CLOSED,
]


def test_the_path_leads_from_the_flag_to_the_end_step_by_step():
    for current, proposed in pairwise(PATH):
        assert advance(current, proposed) is proposed


@pytest.mark.parametrize("current", list(Status))
@pytest.mark.parametrize("proposed", list(Status))
def test_what_the_table_does_not_hold_is_refused(current: Status, proposed: Status):
    if proposed in MOVES[current]:
        assert advance(current, proposed) is proposed
    else:
        with pytest.raises(NotAllowed, match=f"{current} → {proposed}"):
            advance(current, proposed)


def test_nobody_is_housed_but_from_accepted_and_accepted_but_where_a_yes_is_awaited():
    assert [status for status in Status if Status.HOUSED in MOVES[status]] == [Status.ACCEPTED]
    assert [status for status in Status if Status.ACCEPTED in MOVES[status]] == [Status.PROPOSED, Status.APPROVED]


def test_a_case_can_be_withdrawn_from_every_status_before_the_lease_is_signed():
    assert set(PATH[:5]) == WITHDRAWABLE


def test_nothing_leads_out_of_the_end():
    assert MOVES[Status.CLOSED] == MOVES[Status.WITHDRAWN] == frozenset()


@pytest.mark.parametrize("kind", [kind for kind in QuestionKind if kind not in OF_NO_CASE])
def test_the_reasons_offered_for_a_no_are_known_and_belong_to_whoever_is_asked(kind: QuestionKind):
    assert {DECLINE_REASONS[code].side for code in REASON_CODES[kind]} == {SIDE_OF[kind]}


def test_every_coded_reason_is_offered_by_some_question():
    offered = {code for kind, codes in REASON_CODES.items() if kind not in OF_NO_CASE for code in codes}
    assert offered == set(DECLINE_REASONS)


@pytest.mark.parametrize("reason", [*DECLINE_REASONS.values(), *NO_ANSWER.values()])
def test_parking_says_for_how_long_and_nothing_else_does(reason):
    assert (reason.park_days > 0) is (reason.effect is Effect.PARK)


def test_silence_has_an_effect_on_every_side():
    assert set(NO_ANSWER) == set(Side)

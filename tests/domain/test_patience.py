"""The wait before the next try."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import patience


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_waits_grow_are_jittered_and_never_pass_a_quarter_of_an_hour(failures: int, jitter: float):
    wait = patience.wait(failures, jitter=jitter)

    assert timedelta(seconds=1) <= wait <= timedelta(minutes=15)
    assert patience.wait(failures, jitter=0) <= wait <= 2 * patience.wait(failures, jitter=0)
    assert patience.wait(failures + 1, jitter=jitter) >= wait


@pytest.mark.parametrize(("asked_s", "least_s"), [(None, 1), (0, 1), (120, 120), (10**9, 86_400), (-5, 1)])
def test_a_partner_may_ask_for_a_longer_wait_but_not_for_ever(asked_s, least_s):
    assert patience.wait(1, jitter=0, asked_s=asked_s) == timedelta(seconds=least_s)

"""Data are kept no longer than the law says, and shredded only after the archive has the case."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.referrals.lifecycle import Status
from domain.referrals.retention import Keeping, RetentionTerms, keep_until, keeping

TERMS = RetentionTerms(closed_days=1825, withdrawn_days=365, warn_days=30)
OVER = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("status", "days", "archived", "expected"),
    [
        (Status.CLOSED, 0, False, Keeping.KEEP),
        (Status.CLOSED, 1794, True, Keeping.KEEP),
        (Status.CLOSED, 1795, False, Keeping.WARN),
        (Status.CLOSED, 1825, True, Keeping.WARN),
        (Status.CLOSED, 1826, False, Keeping.WAITS_FOR_ARCHIVE),
        (Status.CLOSED, 9999, False, Keeping.WAITS_FOR_ARCHIVE),
        (Status.CLOSED, 1826, True, Keeping.SHRED),
        (Status.WITHDRAWN, 334, True, Keeping.KEEP),
        (Status.WITHDRAWN, 366, True, Keeping.SHRED),
        (Status.HOUSED, 9999, True, Keeping.KEEP),
        (Status.SEEKING, 9999, True, Keeping.KEEP),
    ],
)
def test_what_is_done_on_a_day(status: Status, days: int, archived: bool, expected: Keeping):
    assert keeping(status, OVER, TERMS, archived=archived, today=OVER + timedelta(days=days)) is expected


@given(st.sampled_from(Status), st.integers(0, 5000), st.integers(1, 4000), st.booleans())
def test_no_data_are_shredded_early_or_without_the_archive(status: Status, days: int, kept: int, archived: bool):
    terms = RetentionTerms(closed_days=kept, withdrawn_days=kept)
    if keeping(status, OVER, terms, archived=archived, today=OVER + timedelta(days=days)) is Keeping.SHRED:
        assert archived
        assert days > kept
        assert keep_until(status, OVER, terms) is not None

"""A posting's life: what is known of it after each answer, as a table; and what counts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.books.bookkeeping.posting_life import (
    AFTER,
    COUNTED,
    Dispute,
    Known,
    PostingState,
    after,
    counts,
    is_overdue,
)
from domain.ports.finance import PostingAnswer, PostingVerdict

OURS, ANOTHER = -500, -600
SENT, ACCEPTED = Known(PostingState.SENT), Known(PostingState.ACCEPTED)
REJECTED = Known(PostingState.REJECTED, "account_closed")
RECONCILED, CORRECTED = Known(PostingState.RECONCILED), Known(PostingState.CORRECTED)
DISPUTED = Known(PostingState.DISPUTED, Dispute.ANOTHER_AMOUNT, ANOTHER)
TAKEN, YES = PostingAnswer(PostingVerdict.SENT), PostingAnswer(PostingVerdict.ACCEPTED)
NO, OTHER_NO = (PostingAnswer(PostingVerdict.REJECTED, why) for why in ("account_closed", "no_such_account"))
BOOKED, BOTH = PostingAnswer(PostingVerdict.BOOKED, amount_ore=OURS), PostingAnswer(PostingVerdict.UNCLEAR)
TWICE = PostingAnswer(PostingVerdict.TWICE)
WAITS = PostingAnswer(PostingVerdict.QUEUED)
YES_TO_ANOTHER = PostingAnswer(PostingVerdict.ACCEPTED, amount_ore=ANOTHER)
BOOKED_AS_ANOTHER = PostingAnswer(PostingVerdict.BOOKED, amount_ore=ANOTHER)


def disputed(why: Dispute, amount_ore: int | None = None) -> Known:
    return Known(PostingState.DISPUTED, why, amount_ore)


@pytest.mark.parametrize(
    ("what", "known", "answer", "then"),
    [
        ("told for the first time, and answered at once", None, YES, ACCEPTED),
        ("told for the first time, and only taken", None, TAKEN, SENT),
        ("told for the first time, and rejected", None, NO, REJECTED),
        ("waits for a run", None, WAITS, Known(PostingState.QUEUED)),
        ("waits for a run still", Known(PostingState.QUEUED), WAITS, None),
        ("goes in a run", Known(PostingState.QUEUED), TAKEN, SENT),
        ("answered later", SENT, YES, ACCEPTED),
        ("rejected later", SENT, NO, REJECTED),
        ("answered late, though a person was asked", SENT, YES, ACCEPTED),
        ("not answered yet", SENT, TAKEN, None),
        ("reported back without another answer", SENT, BOOKED, RECONCILED),
        ("yes and no at once", SENT, BOTH, disputed(Dispute.YES_AND_NO)),
        ("with another amount", SENT, YES_TO_ANOTHER, disputed(Dispute.ANOTHER_AMOUNT, ANOTHER)),
        ("with another amount at once", None, YES_TO_ANOTHER, disputed(Dispute.ANOTHER_AMOUNT, ANOTHER)),
        ("answered twice, the same", ACCEPTED, YES, None),
        ("called again after a crash", ACCEPTED, TAKEN, None),
        ("answered twice, the other", ACCEPTED, NO, disputed(Dispute.REJECTED_AFTER_ACCEPTANCE)),
        ("accepted, then with another amount", ACCEPTED, YES_TO_ANOTHER, disputed(Dispute.ANOTHER_AMOUNT, ANOTHER)),
        ("reported back", ACCEPTED, BOOKED, RECONCILED),
        ("reported back otherwise", ACCEPTED, BOOKED_AS_ANOTHER, disputed(Dispute.ANOTHER_AMOUNT, ANOTHER)),
        ("rejected twice, the same", REJECTED, NO, None),
        ("rejected, and called again", REJECTED, TAKEN, None),
        ("rejected twice, for another reason", REJECTED, OTHER_NO, disputed(Dispute.ANOTHER_REASON)),
        ("rejected and then accepted", REJECTED, YES, disputed(Dispute.ACCEPTED_AFTER_REJECTION)),
        ("rejected and then reported", REJECTED, BOOKED, disputed(Dispute.ACCEPTED_AFTER_REJECTION, OURS)),
        ("reported twice", RECONCILED, BOOKED, None),
        ("reconciled and then rejected", RECONCILED, NO, disputed(Dispute.REJECTED_AFTER_ACCEPTANCE)),
        ("reported twice in one report", RECONCILED, TWICE, disputed(Dispute.BOOKED_TWICE)),
        ("corrected, and rejected again under its old key", CORRECTED, OTHER_NO, None),
        ("corrected, and accepted under its old key", CORRECTED, YES, disputed(Dispute.ACCEPTED_AFTER_CORRECTION)),
        ("disputed: only a person goes on", DISPUTED, YES, None),
        ("disputed: a further no", DISPUTED, NO, None),
    ],
)
def test_what_is_known_after_an_answer(what: str, known: Known | None, answer: PostingAnswer, then: Known | None):
    assert after(known, answer, amount_ore=OURS) == then, what


def test_every_state_says_what_every_answer_means():
    assert set(AFTER) == set(PostingState)
    assert all(set(answers) == set(PostingVerdict) for answers in AFTER.values())


ANSWERS = st.builds(
    PostingAnswer,
    st.sampled_from(PostingVerdict),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from([None, OURS, ANOTHER]),
)


@given(st.lists(ANSWERS, max_size=8))
def test_whatever_is_answered_nothing_counts_without_a_yes_nor_after_a_no_and_the_same_again_is_nothing(told):
    known: Known | None = None
    for answer in told:
        found = after(known, answer, amount_ore=OURS)
        known = found or known
        if found is not None:
            assert after(known, answer, amount_ore=OURS) is None
        if answer.verdict in (PostingVerdict.REJECTED, PostingVerdict.UNCLEAR, PostingVerdict.TWICE):
            assert known is not None
            assert known.state not in COUNTED
    if known and known.state in COUNTED:
        assert any(one.verdict in (PostingVerdict.ACCEPTED, PostingVerdict.BOOKED) for one in told)
        assert all(one.verdict is not PostingVerdict.REJECTED for one in told)


@pytest.mark.parametrize(
    ("sides", "whether"),
    [
        ((), False),
        ((PostingState.ACCEPTED, PostingState.RECONCILED), True),
        *(((PostingState.ACCEPTED, other), False) for other in (None, *(set(PostingState) - COUNTED))),
    ],
)
def test_a_booking_counts_when_every_side_is_accepted(sides, whether: bool):
    assert counts(sides) is whether


@pytest.mark.parametrize(
    ("today", "in_a_file", "whether"),
    [
        (date(2026, 3, 9), False, False),
        (date(2026, 3, 10), False, True),
        (date(2026, 3, 10), True, False),
        (date(2026, 5, 1), True, True),
    ],
)
def test_a_posting_is_overdue_after_its_working_days(today: date, in_a_file: bool, whether: bool):
    sent_on = date(2026, 3, 2)
    assert is_overdue(sent_on, in_a_file=in_a_file, today=today, holidays=frozenset()) is whether

"""A row's number is given by the database, and before that it is an error and never 0."""

import re
from pathlib import Path

import pytest

import storage
import tasks
from storage.columns import id_of, needed
from storage.questions.questions import Question
from storage.referrals.referrals import Referral

FILES = [file for layer in (storage, tasks) for file in sorted(Path(layer.__file__).parent.rglob("*.py"))]


@pytest.mark.parametrize("row", [Referral(), Question()], ids=lambda row: type(row).__name__)
def test_a_row_that_is_not_written_has_no_number_and_says_which_kind_it_is(row: Referral | Question):
    with pytest.raises(ValueError, match=f"^a {type(row).__name__} without a number"):
        id_of(row)


def test_a_row_that_is_written_has_its_own():
    assert id_of(Referral(id=7)) == 7


def test_a_row_that_must_be_named_is():
    assert [needed(7), needed(0)] == [7, 0]
    with pytest.raises(ValueError, match="that must be there is missing"):
        needed(None)


def test_nothing_takes_a_missing_number_for_row_0():
    found = [file.name for file in FILES if re.search(r"id_? or 0\b", file.read_text("utf-8"))]

    assert found == []

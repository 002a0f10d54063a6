"""The digits of a letter may be typed in several ways, and must be exactly right."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.questions.digits import are_right, link_digits, typed_digits

KEY, TOKEN = "9f2c" * 8, "aB3_" * 10 + "xyz"


@pytest.mark.parametrize(
    "typed",
    ["4072", "4 0 7 2", " 40 72 ", "40-72", "4.0.7.2", "4\N{NO-BREAK SPACE}0\N{NO-BREAK SPACE}7 2", "４０７２", "٤٠٧٢"],
)
def test_four_digits_are_read_however_they_are_typed(typed):
    assert typed_digits(typed) == "4072"


@pytest.mark.parametrize(
    "typed", ["", "407", "40722", "ok", "4O72", "407²", "½072", "x" * 4_000, "4 0 7 2" + " " * 100]
)
def test_anything_else_is_no_guess(typed):
    assert typed_digits(typed) is None


@given(st.text(string.hexdigits, min_size=32, max_size=32), st.text(string.ascii_letters, min_size=43, max_size=43))
def test_every_link_has_four_digits_of_its_own(key, token):
    digits = link_digits(key, token)
    assert len(digits) == 4
    assert are_right(" ".join(digits), question_key=key, token=token)
    assert not are_right(f"{(int(digits) + 1) % 10_000:04}", question_key=key, token=token)


def test_neither_the_link_nor_the_database_alone_tells_them():
    others = {link_digits(f"{number:032x}", TOKEN) for number in range(2_000)}
    of_other_links = {link_digits(KEY, f"{number:043d}") for number in range(2_000)}
    assert min(len(others), len(of_other_links)) > 1_500

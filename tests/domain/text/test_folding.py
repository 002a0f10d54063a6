"""Text is folded character by character, whatever stands beside a character."""

from hypothesis import given
from hypothesis import strategies as st

from domain.text.folded_text import UNSEEN, as_read

# A character that is folded to another one, so that the characters before it are looked up one by one.
CIRCLED_ONE = "①"


@given(st.text(st.characters(max_codepoint=0x17F) | st.characters()))
def test_a_text_is_read_as_its_signs_are(text: str):
    assert as_read(text) + "1" == as_read(text + CIRCLED_ONE)
    assert as_read(text) == "".join(as_read(sign + CIRCLED_ONE)[0] for sign in text)


def test_danish_is_read_as_it_stands_and_what_is_not_seen_is_not():
    assert as_read("Søparken, Åbyhøj (nr. 7)") == "Søparken, Åbyhøj (nr. 7)"
    assert as_read("1\u00ad2\u00a03²\t") == f"1{UNSEEN}2 32 "

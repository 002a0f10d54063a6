"""A row of a JSON page in its own bytes."""

import functools
import json
import re

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.vacancy_feed.json_feed import rows_of
from domain.ports.vacancy_feed import RawVacancy
from storage.feeds.raw_rows import NOT_TO_BE_FOUND, as_bytes, to_keep

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
SPACE = st.text(" \t\r\n", max_size=3)


# The first example takes long to draw, because the tables of characters are built for it.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(SPACE, VALUES, SPACE)), st.booleans(), st.integers(0, 5))
def test_every_row_of_every_page_is_found(rows, escaped, before):
    written = [json.dumps(value, ensure_ascii=escaped) for _, value, _ in rows]
    told = ",".join(f"{left}{row}{right}" for (left, _, right), row in zip(rows, written, strict=True))
    body = f'{{"next": null, "vacancies":[{told}], "other": [{{"vacancies": [0]}}]}}'.encode()
    found = rows_of({"vacancies": [value for _, value, _ in rows]}, body, before=before)
    assert [as_bytes(row).decode() for row in found] == written


def test_of_a_key_that_stands_twice_the_last_counts_as_it_does_for_the_values():
    body = b'{"vacancies": [1, 2, 3], "vacancies": [{"rooms": 3.0, "rooms": 4}, {"\\u0061": 1e2}]}'
    found = rows_of(orjson.loads(body), body)
    assert [as_bytes(row) for row in found] == [b'{"rooms": 3.0, "rooms": 4}', b'{"\\u0061": 1e2}']


def test_a_row_that_is_nested_too_deeply_hides_no_other():
    body = b'{"vacancies": [{"a" : 1}, ' + b"[" * 1_010 + b"]" * 1_010 + b', {"b" : 2}]}'
    first, deep, last = rows_of(orjson.loads(body), body)
    assert [as_bytes(row) for row in (first, last)] == [b'{"a":1}', b'{"b":2}']
    nested = functools.reduce(lambda inner, _: {"x": inner}, range(400), {})
    assert as_bytes(deep._replace(values=nested)) == NOT_TO_BE_FOUND


def test_of_vacancies_that_stand_twice_the_first_may_be_anything():
    body = b'{"vacancies": 5, "vacancies": [{"a" : 1}]}'
    assert [as_bytes(row) for row in rows_of(orjson.loads(body), body)] == [b'{"a" : 1}']


def test_text_and_bytes_are_told_as_they_are():
    assert as_bytes(RawVacancy(1, {}, "Åkanden;\udce6")) == "Åkanden;".encode() + b"\xe6"
    assert as_bytes(RawVacancy(1, {}, b"\xff")) == b"\xff"


ESCAPED = "".join(f"\\u{ord(digit):04x}" for digit in "0101801234")


@pytest.mark.parametrize(
    "written",
    [
        '{"department": "010180-1234"}',
        f'{{"department": "{ESCAPED}"}}',
        '{"department": "0101\\u0038\\u0030-1234", "x": "\\ud800"}',
        '{"department": "\\ud835\\udfce101801234"}',
        '{"department": "\\uff101\\uff101801234"}',
        '{"department": "01\\/01\\/80-1234"}',
        '{"department": "010180\\u002d1234"}',
        "<AfdelingNavn>01&#48;180-12&#x33;4</AfdelingNavn>",
        "<AfdelingNavn>0101<!-- -->80<![CDATA[1234]]></AfdelingNavn>",
        "<AfdelingNavn><!-- 010180-1234 --></AfdelingNavn>",
        "<AfdelingNavn>0101<?her?>80<!-- <!-- -->1234</AfdelingNavn>",
        "<AfdelingNavn><!-- 010180-1234",
        '{"department": "010180\\t1234"}',
        '{"department": "010180·1234"}',
        '{"department": "(OIOI8O) I234"}',
    ],
)
def test_a_cpr_number_is_made_unreadable_however_it_is_escaped(written):
    kept = to_keep(RawVacancy(1, {}, written)).decode()
    assert kept.count("x") >= len("ddmmyyxxxx")
    assert not re.search(r"\d", kept)


def test_a_number_of_a_sign_that_goes_on_for_ever_is_read_as_none():
    assert to_keep(RawVacancy(1, {}, "&#" + "9" * 9_000 + ";")).startswith(b"&#999")


@pytest.mark.parametrize("written", ['{"a": "\\u00c5 &amp; \\ud800"}', "<a>&#248;&amp;</a>", "æ\udce6"])
def test_what_holds_none_is_kept_byte_for_byte(written):
    assert to_keep(RawVacancy(1, {}, written)) == written.encode("utf-8", "surrogateescape")

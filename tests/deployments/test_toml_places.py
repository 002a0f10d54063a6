"""Whatever TOML somebody writes, each key and item that Python reads in it has a line, and stands on that line."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.toml_places import Place, line_of_fault, places_of

NAMES = st.sampled_from(["a", "b-c", '"d.e"', "'f#='", '"g\\u0068"', '"[i]"', '"\'"'])
KEYS = st.lists(NAMES, min_size=1, max_size=3).map(" . ".join)
# In each value stands a number that is found again in what Python reads.
NUMBER = st.integers(1000, 9999)
SPACE = st.sampled_from(["", " ", "\n", "\n# ], }\n", " # =\n  "])


def _text(number: int) -> st.SearchStrategy[str]:
    inside = st.sampled_from(["", "#", "]", "}", "= ,", "[[x]]", "æ"])
    return inside.flatmap(
        lambda odd: st.sampled_from(
            [
                f'"{odd}{number}\\" \\\\"',
                f"'{odd}{number} \\'",
                f'"""{odd}{number}\n"" \\""" \n{odd}"""""',
                f"'''{number}\n'' {odd}'''''",
            ]
        )
    )


def _scalars(number: int) -> st.SearchStrategy[str]:
    plain = [f"{number}", f"-{number}.5", f"{number}-05-27 07:32:00.5", f"{number}-05-27", f"0x{number}"]
    return st.one_of(st.sampled_from(plain), _text(number))


SCALARS = NUMBER.flatmap(_scalars)


def _lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    item = st.tuples(SPACE, inner, SPACE).map("".join)
    return st.tuples(st.lists(item, max_size=3), SPACE, st.booleans()).map(
        lambda told: f"[{','.join(told[0])}{',' if told[2] and told[0] else ''}{told[1]}]"
    )


def _tables(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.dictionaries(NAMES, inner, max_size=3).map(
        lambda told: "{ " + ", ".join(f"{name} = {value}" for name, value in told.items()) + " }"
    )


VALUES = st.recursive(SCALARS, lambda inner: st.one_of(_lists(inner), _tables(inner)), max_leaves=6)
LINES = st.one_of(
    st.tuples(KEYS, VALUES, st.sampled_from(["", " # said", "\t"])).map(lambda one: f"{one[0]} = {one[1]}{one[2]}"),
    KEYS.map(lambda key: f"[ {key} ] # one"),
    KEYS.map(lambda key: f"[[{key}]]"),
    st.just(""),
    st.just("# [[x]] = 'y"),
)


def kept(lines: list[str]) -> str:
    """The document of the lines after which it can still be read."""
    text = ""
    for line in lines:
        try:
            tomllib.loads(f"{text}{line}\n")
        except tomllib.TOMLDecodeError:
            continue
        text += f"{line}\n"
    return text


def leaves(read: Any, place: Place) -> Iterator[tuple[Any, int]]:
    """Every value with its line; fails when one of the two has what the other has not."""
    if isinstance(read, dict | list):
        below = dict(enumerate(read)) if isinstance(read, list) else read
        assert place.below.keys() == below.keys()
        for key, value in below.items():
            yield from leaves(value, place.below[key])
    else:
        assert place.below == {}
        yield read, place.line


@given(st.lists(LINES, max_size=12), st.booleans())
def test_every_value_stands_on_its_line_and_nothing_else_has_one(lines: list[str], windows: bool):
    text = kept(lines)
    written = text.split("\n")

    for value, line in leaves(tomllib.loads(text), places_of(text.replace("\n", "\r\n") if windows else text)):
        (number,) = re.findall(r"\d{4}", str(value))[:1] or [""]
        assert number in written[line - 1] or f"0x{value:x}" in written[line - 1]


def test_a_table_stands_where_its_header_is_and_an_item_where_it_begins():
    text = '[a.b]\nx = 1\n[a]\ny = [\n  1, 2,\n  { z = 3 },\n]\n[[l]]\n[l.m]\n[[l]]\n[[l.n]]\n"k\\u0031".w = 1'
    whole = places_of(text)

    assert {name: place.line for name, place in whole.below.items()} == {"a": 3, "l": 8}
    assert whole.below["a"].below["b"].line == 1
    assert [place.line for place in whole.below["a"].below["y"].below.values()] == [5, 5, 6]
    assert [place.line for place in whole.below["l"].below.values()] == [8, 10]
    assert whole.below["l"].below[0].below["m"].line == 9
    assert whole.below["l"].below[1].below["n"].below[0].below["k1"].below["w"].line == 12


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = x", 2), ("a = 1\n\n[b", 3), ("a = [\n1,\n", 3)])
def test_a_fault_of_form_has_its_line(text: str, line: int):
    with pytest.raises(tomllib.TOMLDecodeError) as wrong:
        tomllib.loads(text)
    assert line_of_fault(wrong.value, text) == line

"""Whether a text contains somebody's name: a whole name, or a surname alone, as whole words."""

import re
import unicodedata
from collections.abc import Iterator

from domain.text.folded_text import folded

# How the letters are typed where a keyboard or a register lacks them.
_SPELLED_OUT = str.maketrans({"å": "aa", "ø": "oe", "æ": "ae", "ö": "oe", "ä": "ae", "ü": "ue", "ð": "d", "þ": "th"})
_LEFT_OUT = str.maketrans("åøæ", "aoe")
_WORD = re.compile(r"[^\W\d_]+")
_AND = re.compile(r" (?:og|and|samt) |[&/+;]")
SHORTEST = 2


def holds_name_of(text: str, names: str) -> bool:
    """Whether a text holds the whole name or the surname of one of the people in `names`.

    A first name alone is not looked for, because caseworkers have one too. A longer word that begins like a surname is
    not that surname.
    """
    words = _words(text)
    said, people = f" {' '.join(words)} ", [" ".join(_words(one)) for one in _people(names)]
    whole = any(" " in one and f" {one} " in said for one in people)
    surnames = _surnames_of(names)
    return whole or any(_is_one(word, surnames) for word in words)


def is_surname_of(text: str, names: str) -> bool:
    """Whether a text is a surname of the people in `names` and nothing more."""
    words, surnames = _words(text), _surnames_of(names)
    return bool(words) and all(_is_one(word, surnames) for word in words)


def _is_one(word: str, surnames: frozenset[str]) -> bool:
    # Also with the genitive s.
    return word in surnames or word.removesuffix("s") in surnames


def _surnames_of(names: str) -> frozenset[str]:
    written = (one for person in _people(names) for one in (person, person.translate(_LEFT_OUT)))
    return frozenset(surname for one in written for surname in _surnames(one))


def _people(names: str) -> list[str]:
    return [one.strip() for one in _AND.split(folded(names)) if one.strip()]


def _surnames(name: str) -> Iterator[str]:
    """The last word of a name, or of the part before its comma; each part of a name with a hyphen."""
    before, comma, _ = name.partition(",")
    *others, last = before.split() or [""]
    if others or comma:
        yield from (part for part in _words(last) if len(part) >= SHORTEST)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFD", folded(text).translate(_SPELLED_OUT))
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))

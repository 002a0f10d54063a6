"""The English catalogue holds every text once, and no page or letter has text in the wrong language."""

import re
from string import ascii_letters

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup

from domain.referrals.household import Language
from templates import HERE, catalogue, letter, page
from tests.world.samples.letters import LETTERS
from tests.world.samples.pages import PAGES

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
WRITTEN_ALIKE = {"Cookies"}


def extracted():
    with (HERE / "locale" / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    return {found[2] for found in extract_from_dir(HERE, methods, options, keywords=KEYWORDS)}


def english():
    with catalogue(Language.ENGLISH).open("rb") as texts:
        return [message for message in read_po(texts) if message.id]


def forms(text):
    return [text] if isinstance(text, str) else list(text)


def test_the_catalogue_holds_what_the_templates_say_and_nothing_else():
    in_templates, in_catalogue = extracted(), {message.id for message in english()}
    assert len(in_templates) > 150
    assert in_templates - in_catalogue == set(), "missing"
    assert in_catalogue - in_templates == set(), "no longer said"


def test_the_catalogue_has_no_obsolete_and_no_fuzzy_entries():
    with catalogue(Language.ENGLISH).open("rb") as texts:
        read = read_po(texts)
    assert not read.obsolete
    assert [message.id for message in read if message.fuzzy] == []


@pytest.mark.parametrize("message", english(), ids=lambda message: str(message.id)[:40])
def test_every_text_is_translated_with_the_same_facts(message):
    danish, translated = forms(message.id), forms(message.string)
    assert len(danish) == len(translated)
    assert all(translated)
    assert not re.search("[æøåÆØÅ]", "".join(translated))
    if message.id not in WRITTEN_ALIKE and any(
        letter in ascii_letters for letter in re.sub(r"%\(\w+\)s", "", danish[0])
    ):
        assert danish != translated
    # In a file of lines, what is left of an older translation runs on without a space.
    assert not re.search(r"[a-z][.!?][A-Z]", " ".join((*danish, *translated)))
    for pair in zip(danish, translated, strict=True):
        named = [sorted(re.findall(r"%\((\w+)\)s", text)) for text in pair]
        assert named[0] == named[1]


def words_on(html):
    """Every text on a page, except elements with a language of their own."""
    soup = BeautifulSoup(html, "html.parser")
    for marked in soup.select("body [lang]"):
        marked.decompose()
    return {*soup.title.stripped_strings, *soup.body.stripped_strings}


def said(language):
    return [words_on(page(name, language, **facts)) for name, facts in PAGES.values()] + [
        words_on(letter(written, language).html) for written in LETTERS.values()
    ]


def test_no_text_stands_in_the_other_language():
    danish = {form for message in english() for form in forms(message.id)}
    translated = {form for message in english() for form in forms(message.string)}
    for words in said(Language.ENGLISH):
        assert words & danish <= WRITTEN_ALIKE
    for words in said(Language.DANISH):
        assert words & translated <= WRITTEN_ALIKE


def in_both(sample):
    """The texts of a page or letter that are the same in both languages, such as its facts."""
    if sample in PAGES:
        name, facts = PAGES[sample]
        drawn = [page(name, language, **facts) for language in Language]
    else:
        facts = LETTERS[sample]
        drawn = [letter(facts, language).html for language in Language]
    return repr(facts), set.intersection(*map(words_on, drawn))


@pytest.mark.parametrize("sample", [*PAGES, *LETTERS])
def test_what_stands_alike_in_both_languages_is_a_fact(sample):
    facts, alike = in_both(sample)
    assert {text for text in alike if not text.isdigit() and not all(part in facts for part in text.split(", "))} <= {
        *WRITTEN_ALIKE,
        "Tilflytterstyring",
        ".",
        "–",
        "→",
    }

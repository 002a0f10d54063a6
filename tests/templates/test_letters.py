"""Every letter renders from its facts and from nothing else."""

from dataclasses import fields, is_dataclass, replace
from html import escape

import pytest
from bs4 import BeautifulSoup
from jinja2 import UndefinedError

from domain import letters, letters_of_books
from domain.letters import AnswerOverdue, Asked, Digest, Letter
from domain.referrals.household import Language
from templates import HERE, environment, letter
from templates.formats import day
from templates.words.referrals import REASONS_TO_FAMILY
from tests.templates.compiling import COMPILED, compiled
from tests.world.samples.facts import DEADLINE
from tests.world.samples.letters import LETTERS

PARTS = ["subject.txt", "body.txt", "body.html"]
HOSTILE = "<i>\"Ø'&"


def concrete():
    """Every letter class except the base classes."""
    named = (vars(letters) | vars(letters_of_books)).values()
    kinds = {kind for kind in named if isinstance(kind, type) and issubclass(kind, Letter)}
    return {kind for kind in kinds if not any(other is not kind and issubclass(other, kind) for other in kinds)}


def hostile(facts):
    """The same facts with markup in every text that is not a code."""
    texts = {fact.name: getattr(facts, fact.name) for fact in fields(facts)}
    changed = {name: hostile(value) if is_dataclass(value) else value for name, value in texts.items()}
    changed |= {name: HOSTILE for name, value in texts.items() if type(value) is str and name != "reason"}
    return replace(facts, **changed)


each_letter = pytest.mark.parametrize("written", LETTERS.values(), ids=LETTERS.keys())
each_language = pytest.mark.parametrize("language", Language)


def test_every_letter_has_its_folder_and_every_folder_its_letter():
    folders = {folder.name for folder in (HERE / "email").iterdir() if folder.is_dir()}
    assert folders == {kind.template() for kind in concrete()}
    assert concrete() == {type(written) for written in LETTERS.values()}


@each_letter
def test_a_missing_fact_is_an_error_and_never_an_empty_space(written):
    facts = {fact.name: getattr(written, fact.name) for fact in fields(written)}
    parts = [environment(Language.DANISH).get_template(f"email/{written.template()}/{part}") for part in PARTS]
    for missing in facts:
        known = {name: value for name, value in facts.items() if name != missing}
        # babel asserts that it is given a day, which fails before the undefined fact raises its own error
        with pytest.raises((UndefinedError, AssertionError)):
            [part.render(known) for part in parts]


@each_language
@each_letter
def test_a_subject_is_one_line_with_the_reference_and_the_deadline(written, language):
    subject = letter(written, language).subject
    assert subject == subject.strip()
    assert "\n" not in subject
    assert written.reference in subject
    passed = isinstance(written, Digest) and written.waits[0].overdue
    names_its_day = isinstance(written, Asked | AnswerOverdue | Digest) and not getattr(written, "last_day", passed)
    assert (day(DEADLINE, language=language) in subject) == names_its_day


@each_language
def test_a_subject_stays_one_line_whatever_its_facts(language):
    forged = replace(LETTERS["family_housed"], reference="TF-1\r\nBcc: everybody@example.org")
    assert len(letter(forged, language).subject.splitlines()) == 1


def test_a_subject_says_what_is_asked():
    assert letter(LETTERS["approval_requested"], Language.DANISH).subject == (
        "Svar senest torsdag den 3. december 2026: TF-2026-00042 – kan boligen godkendes?"
    )
    assert letter(LETTERS["offer_requested"], Language.DANISH).subject == (
        "Svar senest torsdag den 3. december 2026: forespørgsel B-K7QX2MVA – kan I tilbyde en bolig?"
    )


@each_language
@each_letter
def test_text_and_html_say_the_same(written, language):
    rendered = letter(written, language)
    page = BeautifulSoup(rendered.html, "html.parser")
    paragraphs = [
        part.get_text(" ", strip=True) for part in page.select("h1, h2, p, td.ink:not(.line):not(:has(p, h1, table))")
    ]
    squeezed = " ".join(rendered.text.split())
    address = page.select_one("p > a.link")
    only_by_the_button = address.find_parent("p").find_previous("p").get_text(" ", strip=True) if address else None
    assert [p for p in paragraphs if p not in squeezed and p != only_by_the_button] == []


@each_language
@each_letter
def test_a_letter_that_asks_leads_to_its_page_by_button_and_by_address(written, language):
    rendered = letter(written, language)
    page = BeautifulSoup(rendered.html, "html.parser")
    link = getattr(written, "link", None)
    if isinstance(written, Digest):
        waits = [one.link for one in written.waits]
        assert [a["href"] for a in page.select("a")] == waits
        assert [line for line in rendered.text.splitlines() if "/q/" in line] == waits
        return
    assert [a["href"] for a in page.select("a")] == ([link, link] if link else [])
    assert (page.select("a")[1].get_text() if link else None) == link
    assert (link in rendered.text.splitlines()) if link else ("/q/" not in rendered.text)


@each_language
@each_letter
def test_every_letter_says_why_its_reader_gets_it_and_where_the_phone_number_is(written, language):
    text = letter(written, language).text
    why, whom = {
        Language.DANISH: (("får mailen, fordi", "får brevet, fordi"), "ring"),
        Language.ENGLISH: (("get this email because", "get this letter because"), "call"),
    }[language]
    assert any(words in text for words in why)
    assert whom in text.splitlines()[-1]


@each_language
@each_letter
def test_html_holds_every_fact_escaped_and_escaped_once(written, language):
    html = letter(hostile(written), language).html
    assert HOSTILE not in html
    assert "&amp;lt;" not in html
    assert "&amp;amp;" not in html
    assert escape("<i>") in html


@each_language
def test_the_family_is_told_that_it_is_free_to_say_no(language):
    text = letter(LETTERS["acceptance_requested"], language).text
    no_consequence, withdraw = {
        Language.DANISH: ("Et nej får ingen betydning for jeres sag", "I kan altid trække jeres samtykke tilbage"),
        Language.ENGLISH: ("Saying no does not affect your case", "You can withdraw your consent at any time"),
    }[language]
    assert no_consequence in text
    assert withdraw in text


def test_only_the_familys_own_letter_greets_the_family():
    assert "Kære familie" in letter(LETTERS["acceptance_requested"], Language.DANISH).text
    assert "Kære familie" not in letter(LETTERS["acceptance_requested_on_behalf"], Language.DANISH).text


def test_a_refusal_carries_its_reason_and_how_to_complain():
    text = letter(LETTERS["not_referred"], Language.DANISH).text
    for part in (
        "I har brug for at flytte",
        "4 uger",
        "Hvidovre Kommune",
        "00 00 01 67",
        "genvurdere",
        "Ankestyrelsen",
    ):
        assert part in text


@pytest.mark.parametrize("reason", ["area_under_pressure", "schools_and_daycare_full", "quota_used", "no_answer"])
def test_a_family_that_cannot_have_the_home_it_wanted_is_told_why_and_how_to_complain(reason):
    text = letter(replace(LETTERS["home_not_approved"], reason=reason), Language.DANISH).text
    for part in (
        REASONS_TO_FAMILY[reason],
        "anden bolig",
        "4 uger",
        "Odense Kommune",
        "Hvidovre Kommune",
        "00 00 01 67",
        "genvurdere",
        "Ankestyrelsen",
    ):
        assert part in text


def test_the_layout_is_the_one_that_its_source_compiles_to():
    assert COMPILED.read_text("utf-8") == compiled(), "run `make letters`"

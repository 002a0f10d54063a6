"""The texts for families are easy to read, and the templates hold no scripts and no external addresses."""

import re

import pytest
from bs4 import BeautifulSoup

from domain.referrals.household import Language
from templates import HERE, letter, page
from tests.world.samples.answered import CONSENT, RECEIPTS, TAKE_BACK
from tests.world.samples.letters import LETTERS
from tests.world.samples.questions import FAMILY, QUESTIONS

SOURCES = sorted(
    path
    for path in HERE.rglob("*")
    if path.suffix in {".html", ".txt", ".jinja", ".css"} and "node_modules" not in path.parts
)
LONG_WORD = 6


def sentences(html):
    """The sentences of a page: each block apart, split at the end of sentences."""
    soup = BeautifulSoup(html, "html.parser")
    # Without the legal basis, which is the agreement's own text and is shown only on request.
    for other in soup.select("head, details"):
        other.decompose()
    blocks = soup.select("h1, h2, p, li, dt, dd, th, td:not(:has(p)), legend, label, button")
    texts = [block.get_text(" ", strip=True) for block in blocks]
    parts = [part for text in texts for part in re.split(r"(?<=[.?!:])\s+(?=[A-ZÆØÅ])", text)]
    return [words for part in parts if (words := re.findall(r"[^\W\d_]+", part))]


def lix(html):
    """The readability index LIX: words in a sentence, plus the percentage of words of more than six letters."""
    found = sentences(html)
    words = [word for sentence in found for word in sentence]
    return len(words) / len(found) + 100 * sum(len(word) > LONG_WORD for word in words) / len(words)


FAMILYS = {
    "question": page("question", Language.DANISH, facts=FAMILY),
    "receipt": page("receipt", Language.DANISH, facts=RECEIPTS["receipt_of_family"]),
    "acceptance_requested": letter(LETTERS["acceptance_requested"], Language.DANISH).html,
    "acceptance_recorded": letter(LETTERS["acceptance_recorded"], Language.DANISH).html,
    "consent": page("consent", Language.DANISH, facts=CONSENT),
    "take-back": page("take-back", Language.DANISH, facts=TAKE_BACK),
    "answer_reminder": letter(LETTERS["answer_reminder_acceptance"], Language.DANISH).html,
    "answer_on_page": letter(LETTERS["answer_on_page_of_family"], Language.DANISH).html,
    "not_referred": letter(LETTERS["not_referred"], Language.DANISH).html,
    "home_not_approved": letter(LETTERS["home_not_approved"], Language.DANISH).html,
    "question_before_the_municipality": page(
        "question", Language.DANISH, facts=QUESTIONS["acceptance_before_the_municipality"]
    ),
    "receipt_before_the_municipality": page(
        "receipt", Language.DANISH, facts=RECEIPTS["receipt_before_the_municipality"]
    ),
    **{
        name: letter(LETTERS[name], Language.DANISH).html
        for name in ("acceptance_requested_before_the_municipality", "acceptance_recorded_after_the_municipality")
    },
}


def running_text(html):
    """The running text only: short facts in lists would lower the index."""
    soup = BeautifulSoup(html, "html.parser")
    for facts in soup.select("dl, th, th + td, header, footer"):
        facts.decompose()
    return str(soup)


@pytest.mark.parametrize("name", FAMILYS)
def test_what_the_family_reads_is_easy(name):
    assert lix(FAMILYS[name]) < 35
    assert lix(running_text(FAMILYS[name])) < 35


def test_the_measure_knows_a_hard_text():
    hard = "<p>Kommunalbestyrelsens sagsbehandlingsfrister fremgår af retssikkerhedslovgivningens bestemmelser.</p>"
    assert lix(hard) > 55


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(HERE)))
def test_no_template_holds_a_script_or_an_external_address(source):
    text = re.sub(r'xmlns(:\w+)?="[^"]*"', "", source.read_text())  # a namespace's name is not fetched
    assert not re.search(r"<script|javascript:|<[^>{]*\son\w+=|https?:|//[\w-]+\.\w|@import|url\(", text)


@pytest.mark.parametrize(
    "source",
    [
        source
        for source in SOURCES
        if source.is_relative_to(HERE / "pages") or source.is_relative_to(HERE / "components")
    ],
    ids=lambda path: str(path.relative_to(HERE)),
)
def test_no_page_has_a_style_of_its_own(source):
    assert not re.search(r"\sstyle=|<style", source.read_text())

"""A mail scanner that does everything a person does except read the letter decides nothing."""

from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from domain.questions.question import PassedOnBy
from storage.books.ledger import Booking
from storage.privacy.consents import ConsentRecord
from storage.privacy.disclosures import Disclosure
from storage.questions.questions import Question
from storage.referrals.referrals import Referral
from tests.browser.chromium import Letters
from tests.world.served import everything

pytestmark = pytest.mark.xdist_group("browser")
PAGES_DEEP = 3


def radios(form):
    """The names of a form's groups of radios, each with its values, in the page's order."""
    groups = {}
    for radio in form.locator("input[type=radio]").all():
        groups.setdefault(radio.get_attribute("name"), []).append(radio.get_attribute("value"))
    return groups


def fill(form, index, words, answer=None):
    """Choose in every visible group, and write in every field."""
    groups = radios(form)
    # The answer first, because further groups are visible only once an answer is chosen.
    for name in sorted(groups, key=lambda name: name != "answer"):
        chosen = form.locator(
            f"input[name={name}][value='{answer if answer and name == 'answer' else groups[name][index]}']"
        )
        if chosen.is_visible():
            chosen.check()
    for field in form.locator("input[type=text], textarea").all():
        if field.is_visible():
            field.fill(words)


def links_on(page, origin):
    found = (urljoin(page.url, link.get_attribute("href") or "") for link in page.locator("a").all())
    return {link.partition("#")[0] for link in found if link.startswith(origin)}


def press_everything(page, url, index, words):
    """Send every form of a page by every button, with every answer; returns the pages that this leads to."""
    page.goto(url)
    found = links_on(page, urljoin(url, "/"))
    forms = page.locator("form").count()
    for nth in range(forms):
        answers = radios(page.locator("form").nth(nth)).get("answer", [None])
        buttons = page.locator("form").nth(nth).locator("button").count()
        for answer in dict.fromkeys((*answers, None)):
            for button in range(buttons):
                page.goto(url)
                form = page.locator("form").nth(nth)
                fill(form, index, words, answer)
                form.locator("button").nth(button).click()
                page.wait_for_load_state()
                found |= links_on(page, urljoin(url, "/"))
    return found


def let_loose(page: Page, letters: Letters, index: int, words: str) -> int:
    """Follow every link of every letter, some pages deep; returns how many pages were tried."""
    tried: set[str] = set()
    now = set(letters.links.values())
    for _ in range(PAGES_DEEP):
        found = set()
        for url in sorted(now - tried):
            tried.add(url)
            found |= press_everything(page, url, index, words)
        # The other language of a page is the same page.
        now = {url for url in found if "lang=en" not in url and not urlsplit(url).path.startswith("/static")}
    return len(tried)


@pytest.mark.parametrize(
    ("index", "scripts"), [(0, True), (-1, False)], ids=["the first radio, with scripts", "the last radio, without"]
)
def test_a_scanner_that_chooses_writes_and_presses_everything_decides_nothing(
    letters: Letters, page: Page, page_without_scripts: Page, index, scripts
):
    rows = everything(letters.world)

    tried = let_loose(page if scripts else page_without_scripts, letters, index, "ok")

    assert tried > len(letters.links)
    assert everything(letters.world) == rows


def test_one_that_writes_four_digits_closes_links_and_decides_nothing_either(letters: Letters, page: Page):
    world = letters.world

    def decided():
        return {
            "where cases rest": [(one.id, one.status) for one in world.rows(select(Referral))],
            "answers": [(one.id, one.answer) for one in world.rows(select(Question)) if one.answer],
            "consents withdrawn": [one.id for one in world.rows(select(ConsentRecord)) if one.withdrawn],
            "disclosed": len(world.rows(select(Disclosure))),
            "booked": len(world.rows(select(Booking))),
        }

    before = decided()

    let_loose(page, letters, 0, "1234")
    world.carry()

    assert decided() == before
    # One in ten thousand guesses is right by chance; each letter takes at most five.
    closed = [one for one in world.rows(select(Question)) if one.passed_by is PassedOnBy.WRONG_DIGITS]
    assert closed, "the scanner typed four digits, and nobody counted them"

"""axe-core finds nothing on any page in any state, in either language, on a wide and on a narrow screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from domain.referrals.household import Language
from templates import HERE
from tests.browser.gallery import open_gallery
from tests.browser.screenshots import SCREENS
from tests.world.samples.pages import PAGES

pytestmark = pytest.mark.xdist_group("browser")
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
FIND = "rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"


@pytest.fixture(scope="module")
def gallery(chromium: Browser) -> Iterator[str]:
    with open_gallery() as origin:
        yield origin


@pytest.fixture(scope="module")
def screen(chromium: Browser) -> Iterator[Page]:
    """One screen for all pages: to open one takes as long as to look through a page."""
    with chromium.new_context(locale="da-DK") as context:
        yield context.new_page()


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())  # past the page's own policy, which lets no script in
    found = page.evaluate(FIND, WCAG)
    assert found["testEngine"]["name"] == "axe-core"
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(screen: Page, gallery: str, name: str, language: Language):
    # Danish on the wide screen and English on the narrow one: every text and every layout is seen.
    screen.set_viewport_size(SCREENS["wide" if language is Language.DANISH else "phone"])
    shown = screen.goto(f"{gallery}/page/{name}/{language}")
    assert shown is not None
    assert shown.ok
    assert violations(screen) == []
    assert screen.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing scrolls sideways"


def test_axe_would_find_something(page: Page, gallery: str):
    page.goto(f"{gallery}/page/receipt/da")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert any(found.startswith("html-has-lang") for found in violations(page))

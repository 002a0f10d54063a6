"""axe-core finds nothing on any page in any state, in either language, on a wide and on a narrow screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from domain.referrals.household import Language
from tests.browser.axe import violations
from tests.browser.gallery import open_gallery
from tests.browser.screenshots import SCREENS
from tests.world.samples.pages import PAGES

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def gallery(chromium: Browser) -> Iterator[str]:
    with open_gallery() as origin:
        yield origin


@pytest.fixture(scope="module")
def screen(chromium: Browser) -> Iterator[Page]:
    """One browser tab for all pages: opening one takes as long as checking a page."""
    with chromium.new_context(locale="da-DK") as context:
        yield context.new_page()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(screen: Page, gallery: str, name: str, language: Language):
    # Danish on the wide screen and English on the narrow one, so that every text and every layout is checked.
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

"""axe-core finds nothing on the page of a proposal, and it scrolls sideways nowhere."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from domain.referrals.household import Language
from tests.browser.axe import violations
from tests.browser.screenshots import SCREENS
from tests.world.samples.proposals import PROPOSALS

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def screen(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(locale="da-DK") as context:
        yield context.new_page()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", PROPOSALS)
def test_axe_finds_nothing(screen: Page, name: str, language: Language):
    screen.set_viewport_size(SCREENS["wide" if language is Language.DANISH else "phone"])
    screen.set_content(PROPOSALS[name](language))

    assert violations(screen) == []
    assert screen.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing scrolls sideways"

"""Takes a picture of every page and letter, in each language, on a wide and a narrow screen: `make screenshots`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.progress import track

from domain.referrals.household import Language
from tests.browser.chromium import FLAGS
from tests.browser.gallery import letters, open_gallery
from tests.world.samples.pages import PAGES
from tests.world.samples.proposals import PROPOSALS

SCREENS = {"wide": {"width": 1000, "height": 800}, "phone": {"width": 320, "height": 568}}
FOLDER = Path("var/screenshots")


def main() -> int:
    """Take the pictures anew; returns 1 when there is no browser."""
    console = Console(stderr=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        console.print("There is no chromium or google-chrome on PATH: run `make browser`.")
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    with sync_playwright() as playwright, open_gallery() as origin:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for screen, size in SCREENS.items():
            tab = browser.new_page(viewport=size)
            for language in Language:
                folder = FOLDER / language / screen
                for name in track(PAGES, f"pages, {language}, {screen}", console=console):
                    shown = tab.goto(f"{origin}/page/{name}/{language}")
                    assert shown is not None and shown.ok, name
                    tab.screenshot(path=folder / f"page-{name}.png", full_page=True)
                tab.goto("about:blank")  # so that the pages' policy does not apply to a letter
                for name, html in letters(language).items():
                    tab.set_content(html)
                    tab.screenshot(path=folder / f"letter-{name}.png", full_page=True)
                for name, drawn in PROPOSALS.items():
                    tab.set_content(drawn(language))
                    tab.screenshot(path=folder / f"{name}.png", full_page=True)
        browser.close()
    console.print(f"{sum(1 for _ in FOLDER.rglob('*.png'))} pictures are in {FOLDER}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

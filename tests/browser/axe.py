"""The violations that axe-core finds on a page."""

from playwright.sync_api import Page

from templates import HERE

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
FIND = "rules => axe.run({runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})"


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())  # not as a script element, which the page's policy forbids
    found = page.evaluate(FIND, WCAG)
    assert found["testEngine"]["name"] == "axe-core"
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]

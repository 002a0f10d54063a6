"""Filling in the forms of a question's pages, and reading their errors."""

from bs4 import BeautifulSoup

from deployments.demo.people import same_origin
from tests.world.served import Opened, digits_of, send

WITHDRAW = {"answer": "withdraw"}


def wrong(path: str, nth: int = 1) -> str:
    """Four digits that are not the letter's."""
    return f"{(int(digits_of(path).replace(' ', '')) + nth) % 10_000:04}"


def looked(http, at):
    """The page of a family's consent, opened."""
    page = http.get(at)
    hidden = BeautifulSoup(page.text, "html.parser").select("form input[type=hidden]")
    return Opened(same_origin(page), {field["name"]: field["value"] for field in hidden})


def choose(http, at, form, *, before=None):
    return send(http, at, form, before=before or looked(http, at))


def complaints(page):
    """The errors in the page's summary, each with the field that its link leads to."""
    soup = BeautifulSoup(page.text, "html.parser")
    return {link["href"].removeprefix("#"): link.get_text() for link in soup.select(".alert a")}

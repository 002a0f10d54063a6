"""The document with everything that is held about a family: complete, and readable in the family's language."""

import pytest
from bs4 import BeautifulSoup

from domain.referrals.household import Language
from storage.privacy.access import held_about
from templates import document
from tests.world.families import family
from tests.world.world import World

FACTS = {"years": 5, "municipality": "Odense Kommune", "phone": "00 00 04 61"}


@pytest.fixture
def held(sqlite_world: World) -> dict[str, object]:
    """Everything that is held about a family that has moved in."""
    sqlite_world.home()
    sqlite_world.flag(family())
    sqlite_world.housed()
    platform, now = sqlite_world.platform, sqlite_world.clock.now()
    with platform.database.writing() as session:
        return held_about(session, platform.vault, sqlite_world.referral(), opened_for="dpo: asked", now=now)


@pytest.mark.parametrize("language", Language)
def test_it_tells_who_was_told_what_and_everything_that_is_known_of_who_they_are(held, language: Language):
    page = BeautifulSoup(document("access", language, held=held, **FACTS), "html.parser")
    text = page.get_text(" ", strip=True)

    who = family().identity
    for told in (who.adult_name, who.cpr, who.email, who.phone, who.address, who.note, "Havblik", "Nyborg Kommune"):
        assert told in text
    assert page.html["lang"] == language
    assert ("Flyttet ind" in text) == (language is Language.DANISH)
    assert "None" not in text
    assert "datatilsynet.dk" in text


def test_it_stands_alone_and_runs_nothing(held):
    page = BeautifulSoup(document("access", Language.DANISH, held=held, **FACTS), "html.parser")
    assert page.select("script, link, img, iframe, form") == []
    assert not any(attribute.startswith("on") for tag in page.find_all(True) for attribute in tag.attrs)


def test_what_somebody_wrote_is_text_and_no_markup(held):
    held["identity"]["note"] = "<script>alert(1)</script>"
    held["comments"] = [{"question": held["questions"][0]["kind"], "written": "<b>hej</b>"}]
    page = document("access", Language.DANISH, held=held, **FACTS)
    assert "<script>" not in page
    assert "<b>" not in page


def test_a_case_that_has_only_begun_is_told_too(sqlite_world: World):
    sqlite_world.flag(family())
    platform, now = sqlite_world.platform, sqlite_world.clock.now()
    with platform.database.writing() as session:
        held = held_about(session, platform.vault, sqlite_world.referral(), opened_for="dpo: asked", now=now)
    text = BeautifulSoup(document("access", Language.DANISH, held=held, **FACTS), "html.parser").get_text()
    assert text.count("Ingen.") == 3

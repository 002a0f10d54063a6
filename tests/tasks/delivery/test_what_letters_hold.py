"""The content of letters, and what must not stand in them."""

import pytest

from domain.questions.question import QuestionKind
from storage.parties.partners import partner_of
from tests.world.families import family
from tests.world.world import World


def test_every_letter_belongs_to_its_case_and_only_one_that_asks_invites_an_answer_by_itself(world: World):
    world.home()
    world.flag(family(1), family(2))
    world.housed()

    said = set()
    for letter in world.mail.letters:
        asks = letter["Subject"].strip().startswith(("Svar senest", "Please answer"))
        said.add((asks, letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"], letter["Precedence"]))
        # A relay may give the letter another Message-ID, so its own is repeated as the second of its references.
        thread, own = letter["References"].split()
        assert thread == letter["In-Reply-To"]
        assert own == letter["Message-ID"].replace("<", "<letter.")
        assert letter.get_body(("html",)) is not None
    # Reports of letters that cannot be delivered are not suppressed: no letter has DR, NDR or All.
    assert said == {(True, None, None, None), (False, "auto-generated", "OOF, AutoReply", None)}
    threads: dict[tuple[str, str], set[str]] = {}
    for letter in world.mail.letters:
        reference = next(word.strip(":,.") for word in letter["Subject"].split() if word.startswith(("TF-", "B-")))
        threads.setdefault((letter["To"], reference), set()).add(letter["In-Reply-To"])
    assert all(len(found) == 1 for found in threads.values())
    assert len({next(iter(found)) for found in threads.values()}) == len(threads)


def test_no_letter_holds_anything_of_who_the_family_is(world: World):
    families = (family(1), family(2, language="en"), family(3))
    world.home()
    world.home()
    world.flag(*families)
    world.housed()

    assert len(world.mail.letters) > 10
    for text, letter in zip(world.texts(), world.mail.letters, strict=True):
        for one in families:
            identity = one.identity
            own = letter["To"] == identity.email
            for value in (identity.adult_name, identity.cpr, identity.phone, identity.address, identity.note):
                assert value not in text
            assert own or identity.email not in text


def test_an_association_sees_no_case_reference_and_no_origin(world: World):
    world.home()
    world.flag(family())
    world.housed()

    letters = [
        text for text, letter in zip(world.texts(), world.mail.letters, strict=True) if "havblik" in letter["To"]
    ]
    assert len(letters) == 2
    assert all("TF-2026" not in text and "Odense" not in text and "Vollsmose" not in text for text in letters)


@pytest.mark.parametrize("contact", ["sagsbehandler-1", "sagsbehandler-2"])
def test_people_are_written_to_in_their_own_language(world: World, contact: str):
    world.home()
    world.flag(family(flagged_by=contact, answers_by="caseworker"))
    world.until(QuestionKind.ACCEPTANCE)

    with world.platform.database.reading() as session:
        language = partner_of(session, "municipality:0461").contact(contact).language
    assert world.mail.letters[-1]["Content-Language"] == language
    assert ("Svar senest" in world.mail.letters[-1]["Subject"]) is (language == "da")

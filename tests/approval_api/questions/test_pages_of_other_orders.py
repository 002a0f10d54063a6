"""The pages where an agreement asks the family before the municipality, or has one person decide."""

from datetime import timedelta

import pytest

from domain.questions.question import QuestionKind
from domain.referrals.lifecycle import Status
from tests.approval_api.undo.taken_back import take_it_back
from tests.world.families import family
from tests.world.orders import ALONE_AND_FAMILY_FIRST, FAMILY_FIRST, USUAL, agree_on
from tests.world.served import a_no, a_yes, link, send, words
from tests.world.world import World

NAMES = ("Odense Kommune", "Sagsbehandler Et", "Teamleder")


def asked(world: World, kind: QuestionKind) -> str:
    """The path of the open question of a kind, once it is asked."""
    world.until(kind)
    return link(world, kind)


def test_the_family_knows_that_the_municipality_has_still_to_say_yes_and_it_that_the_family_has(sqlite_world, http):
    agree_on(sqlite_world, ALONE_AND_FAMILY_FIRST, minutes=60)
    sqlite_world.home()
    sqlite_world.flag(family())

    own = asked(sqlite_world, QuestionKind.ACCEPTANCE)
    page, letter = words(http.get(own)), sqlite_world.texts()[-1]
    assert "Trin 2 af 4" in page
    assert "Kommunen, hvor boligen ligger, skal også sige ja" in page
    assert "Kommunen, hvor boligen ligger, skal også sige ja" in " ".join(letter.split())
    assert send(http, own, a_yes(http, own)).is_redirect
    receipt = words(http.get(own))
    assert "Nu spørger vi kommunen, hvor boligen ligger" in receipt
    assert "Tag svaret tilbage" in receipt

    theirs = asked(sqlite_world, QuestionKind.APPROVAL)
    page, letter = words(http.get(theirs)), sqlite_world.texts()[-1]
    assert "Trin 3 af 4" in page
    assert "Familien har sagt ja til boligen" in page
    assert "Familien har sagt ja til boligen" in " ".join(letter.split())
    assert "Efter aftalen bestemmer én person, om en familie henvises" in page
    who = family().identity
    assert [one for one in (*NAMES, who.adult_name, who.cpr, who.email) if one in page + letter] == []
    assert send(http, theirs, a_yes(http, theirs)).is_redirect
    assert "Familien har allerede sagt ja" in words(http.get(theirs))

    sqlite_world.settle()
    assert "Kommunen har også sagt ja" in sqlite_world.texts()[-1]
    assert "Nu holder vi boligen til jer" in words(http.get(own))


def test_who_says_no_to_a_home_that_a_family_wants_knows_that_the_family_is_told_why(sqlite_world, http):
    agree_on(sqlite_world, FAMILY_FIRST)
    sqlite_world.home()
    sqlite_world.flag(family())
    theirs = asked(sqlite_world, QuestionKind.APPROVAL)

    assert send(http, theirs, a_no(http, theirs)).is_redirect

    assert "Familien får besked om, hvorfor svaret er nej" in words(http.get(theirs))


@pytest.mark.parametrize(
    ("order", "next_asked"), [(USUAL, "Nu spørger vi kommunen"), (FAMILY_FIRST, "Nu spørger vi familien")], ids=str
)
def test_an_association_is_told_who_is_asked_next(sqlite_world, http, order, next_asked):
    agree_on(sqlite_world, order)
    sqlite_world.home()
    sqlite_world.flag(family())
    theirs = asked(sqlite_world, QuestionKind.OFFER)

    assert send(http, theirs, a_yes(http, theirs)).is_redirect

    assert next_asked in words(http.get(theirs))


def test_a_yes_is_taken_back_by_the_letter_that_comes_days_later_when_the_municipality_has_said_yes(sqlite_world, http):
    agree_on(sqlite_world, FAMILY_FIRST, minutes=60)
    sqlite_world.home()
    sqlite_world.flag(family())
    own = asked(sqlite_world, QuestionKind.ACCEPTANCE)
    assert send(http, own, a_yes(http, own)).is_redirect
    theirs = asked(sqlite_world, QuestionKind.APPROVAL)
    sqlite_world.clock.move_on(timedelta(days=5))
    assert send(http, theirs, a_yes(http, theirs)).is_redirect
    sqlite_world.settle()
    assert f"{own}/take-back" in sqlite_world.texts()[-1]

    assert take_it_back(http, own).is_redirect
    sqlite_world.settle()

    assert sqlite_world.referral().status is Status.APPROVED
    assert [one.kind for one in sqlite_world.questions()] == [QuestionKind.ACCEPTANCE]

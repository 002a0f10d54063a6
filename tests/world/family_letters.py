"""A municipality with a letter system, and the letters that the system took."""

from dataclasses import replace

from domain.parties.party import Connection
from domain.questions.question import QuestionKind
from storage.parties.partners import partner_of, remember_partner
from tests.world.families import family
from tests.world.world import World

SENDER = "municipality:0461"
LETTERS = Connection("json-letters", "https://letters.invalid/0461", "DEMO_SECRET_0461")


def have_letters(world: World) -> None:
    with world.platform.database.writing() as session:
        known = partner_of(session, SENDER)
        systems = known.systems | {"letters": LETTERS}
        remember_partner(session, replace(known, systems=systems), now=world.clock.now())


def asked_family(world: World) -> None:
    world.home()
    world.flag(family())
    world.until(QuestionKind.ACCEPTANCE)


def letters(world: World):
    return list(world.partners.of("letters", "0461").letters.values())

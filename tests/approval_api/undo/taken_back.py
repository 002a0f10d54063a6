"""A yes, and taking it back."""

from datetime import timedelta

from sqlmodel import select

from domain.questions.question import TAKE_BACK, QuestionKind
from storage.privacy.disclosures import Disclosure
from storage.vault.entries import Door, VaultOpening
from tests.approval_api.questions.forms import looked
from tests.world.parties import leave_time_to_take_back
from tests.world.served import (
    Asked,
    a_yes,
    ask,
    send,
)

ACCEPTANCE = Asked(QuestionKind.ACCEPTANCE)
HOUR = timedelta(hours=1)
TAKEN = {"answer": TAKE_BACK}


def say_yes(world, http, asked=ACCEPTANCE):
    """Have a family, or its caseworker for it, say yes, with an hour to take it back; returns the link's path."""
    leave_time_to_take_back(world)
    path = ask(world, asked, outside_labour_market=2)
    send(http, path, a_yes(http, path))
    world.settle()
    return path


def take_it_back(http, path, **form):
    at = f"{path}/take-back"
    return send(http, at, TAKEN | form, before=looked(http, at))


def know_who_it_is(world):
    """The disclosures that were decided, and how often the vault was opened for them."""
    opened = world.rows(select(VaultOpening).where(VaultOpening.door == Door.DISCLOSURE))
    return [one.to_party for one in world.rows(select(Disclosure))], len(opened)

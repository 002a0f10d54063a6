"""Two providers, and the parties whose people log in at them."""

from dataclasses import replace

from sqlmodel import select

from storage.parties.logins import Sitting
from storage.parties.partners import partner_of, remember_partner


def log_in_at(world, party, login):
    with world.platform.database.writing() as session:
        remember_partner(session, replace(partner_of(session, party), login=login), now=world.clock.now())


def logged_in(world):
    return world.rows(select(Sitting.party, Sitting.contact_id))

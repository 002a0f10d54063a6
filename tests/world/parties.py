"""Changes of the parties' files."""

from dataclasses import replace

from sqlmodel import select

from storage.parties.agreements import AGREEMENTS, AgreementVersion, remember_agreement
from storage.parties.partners import partner_of, remember_partner
from tests.world.world import World


def change(world: World, party: str, contact_id: str, **changes: object) -> None:
    """Change one of a party's people."""
    with world.platform.database.writing() as session:
        known = partner_of(session, party)
        people = tuple(replace(one, **changes) if one.id == contact_id else one for one in known.contacts)
        remember_partner(session, replace(known, contacts=people), now=world.clock.now())


def leave_time_to_take_back(world: World, minutes: int = 60) -> None:
    """Have families flagged from now on under agreements with some minutes before the identity is disclosed."""
    with world.platform.database.writing() as session:
        for kept in session.exec(select(AgreementVersion)).all():
            agreement = AGREEMENTS.validate_json(kept.document)
            newer = replace(agreement, version=agreement.version + 1, disclosure_after_minutes=minutes)
            remember_agreement(session, newer, now=world.clock.now())

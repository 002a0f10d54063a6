"""Check of what the parties in force lack, before it stops a family."""

from contextlib import closing

from domain.parties.lacks import InForce, lacks
from storage.installation import opened_database
from storage.parties.agreements import newest_agreements
from storage.parties.partners import partners
from storage.settings import Settings


def parties(settings: Settings) -> str:
    """The roles, systems and mailbox that are missing, with the consequences; a fault when a family stops there."""
    with closing(opened_database(settings)) as database, database.reading() as session:
        force = InForce(newest_agreements(session), partners(session), mailbox=bool(settings.imap_host))
    found = lacks(force)
    told = "\n".join(map(str, found))
    if any(lack.stops for lack in found):
        raise LookupError(told)
    return f"{len(force.partners)} parties" + (f"; beware:\n{told}" if told else "")

"""When a party or one of its people needs nobody's attention any more."""

from domain.questions.addressee import Addressee
from storage.parties.partners import partners
from tasks.upkeep.reasons.seen import Seen


def is_polled_no_more(seen: Seen) -> bool:
    """A later poll of its case system did not find it again (the intake closes it), or it is no longer polled."""
    return all("case_system" not in one.systems for one in partners(seen.session) if one.party == seen.item.subject)


def contact_is_gone(seen: Seen) -> bool:
    """The party no longer names this contact."""
    who = Addressee.read(seen.named)
    return all(one.party != who.party or one.contact(who.contact_id) is None for one in partners(seen.session))

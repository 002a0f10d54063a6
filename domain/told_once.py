"""The keys under which a partner is told what must be carried out once, whatever becomes of our own database.

They are derived from what is told: brought back from a backup, we tell the same thing under the same key, and a partner
that has it does nothing. What is done and undone by turns (a home reserved and released) has a key of chance instead:
under a key that came back, a second release would be taken for the first.
"""

import hashlib
import json

from domain.ports import LedgerPosting, Receipt

KEY_SIGNS = 32


def posting_key(posting: LedgerPosting, *, period: str = "", number: int = 1) -> str:
    """The key of one side of a booking: of the case, for a period where there is one, the how manieth of its kind.

    Neither the day nor the amount is in it: money must not move twice because it was booked again on another day.
    """
    return _key("posting", posting.reference, posting.kind, posting.account, period, number)


def receipt_key(municipality: str, receipt: Receipt) -> str:
    """The key of the answer to a flag or a withdrawal; another answer has another."""
    accepted = "accepted" if receipt.accepted else "refused"
    said = (accepted, receipt.reference, receipt.field, receipt.reason)
    return _key("receipt", municipality, receipt.flag_id, *said)


def booking_name(reference: str, kind: str, number: int) -> str:
    """What a booking is called at partners: by its case, which no other booking of any backup has."""
    return f"{reference}/{kind}" + (f"/{number}" if number > 1 else "")


def _key(*facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:KEY_SIGNS]

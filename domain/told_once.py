"""The keys under which a partner is told what must be carried out once, whatever becomes of our own database.

They are a MAC of what is told, under a key that no partner has: brought back from a backup, we tell the same thing
under the same key, and a partner that has it does nothing. A partner that hands such a key back shows that we told it;
one who was not told cannot make one. What is done and undone by turns (a home reserved and released) has a key of
chance instead: under a key that came back, a second release would be taken for the first.
"""

import hashlib
import hmac
import json

from domain.ports.case_system import HeldReceipt, Receipt
from domain.ports.finance import HeldPosting, LedgerPosting

KEY_SIGNS = 32
MOST_NUMBER_SIGNS = 4


def posting_key(told_key: bytes, posting: LedgerPosting, *, period: str = "", number: int = 1) -> str:
    """The key of one side of a booking: of the case, for a period where there is one, the how manieth of its kind.

    Neither the day nor the amount is in it: money must not move twice because it was booked again on another day.
    """
    return _key(told_key, "posting", posting.reference, posting.kind, posting.account, period, number)


def receipt_key(told_key: bytes, municipality: str, receipt: Receipt) -> str:
    """The key of the answer to a flag or a withdrawal; another answer has another."""
    accepted = "accepted" if receipt.accepted else "refused"
    said = (accepted, receipt.reference, receipt.field, receipt.reason)
    return _key(told_key, "receipt", municipality, receipt.flag_id, *said)


def is_our_posting(told_key: bytes, held: HeldPosting) -> bool:
    """Whether a posting that a finance system says it holds has the key that we alone could have told it under."""
    number = _number_in(held.posting)
    return _same(held.key, posting_key(told_key, held.posting, number=number)) if number else False


def is_our_receipt(told_key: bytes, municipality: str, held: HeldReceipt) -> bool:
    """Whether a receipt that a case system says it holds has the key that we alone could have told it under."""
    return _same(held.key, receipt_key(told_key, municipality, held.receipt))


def booking_name(reference: str, kind: str, number: int) -> str:
    """What a booking is called at partners: by its case, which no other booking of any backup has."""
    return f"{reference}/{kind}" + (f"/{number}" if number > 1 else "")


def _number_in(posting: LedgerPosting) -> int | None:
    """The how manieth of its kind a booking is, by its name; None when the name is none that we gave it."""
    _, _, told = posting.booking.removeprefix(booking_name(posting.reference, posting.kind, 1)).rpartition("/")
    number = int(told) if told.isascii() and told.isdecimal() and len(told) <= MOST_NUMBER_SIGNS else 1
    return number if posting.booking == booking_name(posting.reference, posting.kind, number) else None


def _same(told: str, ours: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), ours.encode())


def _key(told_key: bytes, *facts: object) -> str:
    return hmac.digest(told_key, json.dumps(facts).encode(), hashlib.sha256).hex()[:KEY_SIGNS]

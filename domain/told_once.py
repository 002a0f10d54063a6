"""Keys for what a partner must carry out only once, whatever happens to our own database.

Each key is a MAC of what is told, under a secret key that no partner has. After a restore from a backup we tell the
same thing under the same key, and a partner that has it already does nothing. A partner that hands such a key back
shows that we told it; a partner that was not told cannot make one. What is done and undone in turns (a home reserved
and released) has a random key instead: under a repeated key, a second release would be taken for the first.
"""

import hashlib
import hmac
import json

from domain.ports.case_system import HeldReceipt, Receipt
from domain.ports.finance import HeldPosting, LedgerPosting

KEY_SIGNS = 32
MOST_NUMBER_SIGNS = 4
# As often a posting can be corrected; a key of ours is recognised among so many.
MOST_CORRECTIONS = 20


def posting_key(
    told_key: bytes, posting: LedgerPosting, *, period: str = "", number: int = 1, correction: int = 0
) -> str:
    """The key of one side of a booking: by case, period if any, kind, and the booking's number among those of its kind.

    It holds neither the day nor the amount: money must not move twice because it was booked again on another day. A
    rejected posting that is sent anew has another key, by the number of its correction.
    """
    facts = ("posting", posting.reference, posting.kind, posting.account, period, number)
    return _key(told_key, *facts, *((correction,) if correction else ()))


def receipt_key(told_key: bytes, municipality: str, receipt: Receipt) -> str:
    """The key of the answer to a flag or a withdrawal; a different answer has a different key."""
    accepted = "accepted" if receipt.accepted else "refused"
    said = (accepted, receipt.reference, receipt.field, receipt.reason)
    return _key(told_key, "receipt", municipality, receipt.flag_id, *said)


def is_our_posting(told_key: bytes, held: HeldPosting) -> bool:
    """Whether a posting that a finance system says it holds has the key that only we could have told it."""
    number = number_in(held.posting)
    keys = (posting_key(told_key, held.posting, number=number or 1, correction=n) for n in range(MOST_CORRECTIONS + 1))
    return number is not None and any(_same(held.key, key) for key in keys)


def is_our_receipt(told_key: bytes, municipality: str, held: HeldReceipt) -> bool:
    """Whether a receipt that a case system says it holds has the key that only we could have told it."""
    return _same(held.key, receipt_key(told_key, municipality, held.receipt))


def booking_name(reference: str, kind: str, number: int) -> str:
    """A booking's name at partners, made from its case's reference, which no other booking in any backup has."""
    return f"{reference}/{kind}" + (f"/{number}" if number > 1 else "")


def number_in(posting: LedgerPosting) -> int | None:
    """A booking's number among those of its kind, read from its name; None when we did not make the name."""
    _, _, told = posting.booking.removeprefix(booking_name(posting.reference, posting.kind, 1)).rpartition("/")
    number = int(told) if told.isascii() and told.isdecimal() and len(told) <= MOST_NUMBER_SIGNS else 1
    return number if posting.booking == booking_name(posting.reference, posting.kind, number) else None


def _same(told: str, ours: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), ours.encode())


def _key(told_key: bytes, *facts: object) -> str:
    return hmac.digest(told_key, json.dumps(facts).encode(), hashlib.sha256).hex()[:KEY_SIGNS]

"""Finds the checkpoint in a letter that a party has kept, even pasted, forwarded or copied by hand.

Nothing here says whether it is signed: the caller must check that.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice, product

from domain.audit import Checkpoint
from domain.errors import Invalid

# What mail programs put between words, and into words.
_BETWEEN = re.compile(r"[\s>|\u00ad\u200b-\u200d\u2060\ufeff]+")
_END = re.compile(r"([0-9]{1,12}):([0-9a-f]{64})")
_MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\+00:00")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==")
MOST_OF_EACH = 5


def checkpoints_in(text: str) -> Iterator[Checkpoint]:
    """What may be checkpoints, without the key that signed them; `Invalid` says what is missing."""
    joined = _BETWEEN.sub("", text)
    # Searched unjoined too: once joined, a number that stands before the entry's would be read as part of it.
    ends = [*islice(_END.finditer(text), MOST_OF_EACH), *islice(_END.finditer(joined), MOST_OF_EACH)]
    if not ends:
        raise Invalid("checkpoint", "no ENTRY:HASH: give the letter itself, pasted whole or as a file")
    moments = list(islice(_moments(joined), MOST_OF_EACH))
    signatures = list(islice(_SIGNATURE.findall(joined), MOST_OF_EACH))
    if not moments or not signatures:
        problem = (
            "the signature or the moment that it signs is missing: give the letter itself, pasted whole or as a file"
        )
        raise Invalid(
            "checkpoint", f"{problem} (one of an earlier version does not show that moment, and cannot be used)"
        )
    for end, at, signature in product(ends, moments, signatures):
        with suppress(binascii.Error):
            yield Checkpoint(int(end[1]), end[2], at, b"", b64decode(signature, validate=True))


def _moments(joined: str) -> Iterator[datetime]:
    for found in _MOMENT.findall(joined):
        with suppress(ValueError):
            yield datetime.fromisoformat(found)

"""The audit chain: what was done, each entry bound to the one before it, so that no change goes unseen.

An entry's hash is SHA-256 over its canonical JSON (RFC 8785), which holds the hash of the entry before it. Who keeps
one hash can show that nothing before it has changed since. A signed checkpoint is such a hash; every party keeps it.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

# The hash before the first entry.
GENESIS = "0" * 64


class Fault(StrEnum):
    """What is wrong with an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_ORDER = "out_of_order"
    CUT_OFF = "cut_off"
    FORGED = "forged"
    LEFT_OUT = "left_out"
    UNSIGNED = "unsigned"
    EDITED = "edited"
    UNKNOWN = "unknown"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry's place in the chain: which row of which table, the hash before it, and its own hash."""

    seq: int
    source: str
    row_id: int
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain is broken: an entry, or a row by its table or part and its name; `count` such places."""

    seq: int
    fault: Fault
    source: str = ""
    row_id: int | str = 0
    count: int = 1

    def __str__(self) -> str:
        return SENTENCES[self.fault].format(seq=self.seq, row=f"{self.source} {self.row_id}", count=self.count)


SENTENCES: dict[Fault, str] = {
    Fault.CHANGED: "Entry {seq}, or one before it, is not what it was ({row}).",
    Fault.MISSING: "Entry {seq} is missing, or what it is about is gone ({row}).",
    Fault.OUT_OF_ORDER: "Entry {seq} does not follow the one before it ({row}).",
    Fault.CUT_OFF: "From entry {seq} on the chain was cut off.",
    Fault.FORGED: "The checkpoint at entry {seq} is signed with a key that is not known here, or not at all.",
    Fault.LEFT_OUT: "Rows that are not in the chain though a minute has passed: {count}; the first is {row}. Somebody "
    "left them out, or no worker is running.",
    Fault.UNSIGNED: "No checkpoint signs the chain: it may have been written anew from its beginning.",
    Fault.EDITED: "Rows that do not say what the chain knows of them: {count}; the first is {row}. Somebody changed "
    "them by hand.",
    Fault.UNKNOWN: "Rows of which the chain knows nothing: {count}; the first is {row}. Somebody wrote them by hand.",
    Fault.GONE: "Rows that are gone though the chain knows them: {count}; the first was {row}. Somebody deleted "
    "them by hand.",
}
# How long a row may wait before it is bound into the chain.
BOUND_WITHIN = timedelta(minutes=1)
SIGNED_EVERY = timedelta(hours=1)


def is_to_be_signed(signed: "Checkpoint", *, now: datetime) -> bool:
    """Whether a chain that grew since its newest checkpoint must be signed again; also when the clock went back."""
    return not timedelta() <= now - signed.at < SIGNED_EVERY


def is_empty(value: object) -> bool:
    """Whether a column that came later says nothing: rows that were there before have no value, or the default."""
    return value is None or value in ("", 0)


def digest_of(blind: str, name: str, said: Mapping[str, object]) -> str:
    """What a row says, as a digest. Nobody can find the content by trying values without having `blind`."""
    return hashlib.sha256(canonical({"blind": blind, "name": name, "said": said})).hexdigest()


def hash_of(seq: int, source: str, previous: str, facts: Mapping[str, object]) -> str:
    """An entry's hash. Its facts are text, whole numbers, booleans, days, moments, and lists and objects of these."""
    entry = {"facts": facts, "previous": previous, "seq": seq, "source": source}
    return hashlib.sha256(canonical(entry)).hexdigest()


def canonical(document: object) -> bytes:
    """JSON in the one form that RFC 8785 defines, as far as we use it: no fractions, and names in ASCII."""
    return _CANONICALLY(document).encode()


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an audit entry")


# Made once: a chain has hundreds of thousands of entries.
_CANONICALLY = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_as_text
).encode


def first_break(
    entries: Iterable[tuple[Link, Mapping[str, object] | None]], *, after: Link | None = None
) -> Break | None:
    """The first entry that is not as it was written; None when all are. A row that is gone has None as its facts."""
    seq, previous = (after.seq, after.hash) if after else (0, GENESIS)
    for link, facts in entries:
        seq += 1
        if link.seq != seq:
            return Break(seq, Fault.MISSING)
        if facts is None:
            return Break(seq, Fault.MISSING, link.source, link.row_id)
        if link.previous != previous:
            return Break(seq, Fault.OUT_OF_ORDER, link.source, link.row_id)
        if link.hash != hash_of(seq, link.source, previous, facts):
            return Break(seq, Fault.CHANGED, link.source, link.row_id)
        previous = link.hash
    return None


def first_missed(kept: Collection[tuple[int, str]], hashes: Mapping[int, str]) -> Break | None:
    """The first kept hash, each given with its entry, that differs from the chain's own; None when none differs."""
    for seq, hash_ in sorted(kept):
        if seq not in hashes:
            return Break(max(hashes, default=0) + 1, Fault.CUT_OFF)
        if hashes[seq] != hash_:
            return Break(seq, Fault.CHANGED)
    return None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement (Ed25519, RFC 8032) that the chain had this hash at this entry at this moment."""

    seq: int
    hash: str
    at: datetime
    public_key: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes that are signed."""
        return canonical({"at": self.at, "hash": self.hash, "seq": self.seq})

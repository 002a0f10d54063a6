"""Whether a party's slice of the books holds, as `tilflyt ledger slice` wrote it; it needs Python's standard library.

Its first line is the entry of the audit chain that says that the slice was handed out, with the checkpoint that was
signed at that entry: for whom, of which days, how many lines follow, their SHA-256, and what the party is owed. Each
other line is an entry of the chain with its place there, as in the chain's own export. A line that is changed, dropped
or added gives another SHA-256; whoever signs a false one has it contradict the chain, or what was paid.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from deployments.ed25519 import is_signed

SLICE_EXPORTED = "slice_exported"
IN_A_SLICE = ("booking", "ledger", "settled_payment", "settlement")
SAID = {"after", "digest", "lines", "month", "party", "settled", "total_ore", "until"}


def canonical(document: object) -> bytes:
    """JSON in its canonical form (RFC 8785)."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def is_an_entry(told: object) -> bool:
    """Whether a line holds an entry and its hash, and nothing else."""
    if not isinstance(told, dict) or told.keys() != {"entry", "hash"} or not is_a_hash(told["hash"]):
        return False
    entry = told["entry"]
    return (
        isinstance(entry, dict)
        and entry.keys() == {"facts", "previous", "seq", "source"}
        and isinstance(entry["facts"], dict)
        and type(entry["seq"]) is int
        and is_a_hash(entry["previous"])
    )


def is_a_hash(told: object) -> bool:
    """Whether this is a SHA-256, in hexadecimal."""
    return isinstance(told, str) and len(told) == 64 and set(told) <= set("0123456789abcdef")


def is_base64(told: object, size: int) -> bool:
    """Whether this is so many bytes in canonical base64."""
    try:
        return (
            isinstance(told, str)
            and base64.b64encode(base64.b64decode(told, validate=True)).decode() == told
            and (len(base64.b64decode(told)) == size)
        )
    except ValueError:
        return False


def read_entry(line: bytes, *more: str) -> dict[str, Any] | None:
    """An entry and its hash, written as we write it, unchanged, and with nothing more than what is named."""
    try:
        told = json.loads(line)
        as_we_write_it = canonical(told) + b"\n" == line
    except (ValueError, RecursionError):
        return None
    if not as_we_write_it or not isinstance(told, dict) or told.keys() != {"entry", "hash", *more}:
        return None
    if not is_an_entry({"entry": told["entry"], "hash": told["hash"]}):
        return None
    return told if hashlib.sha256(canonical(told["entry"])).hexdigest() == told["hash"] else None


def faults_of_slice(file: Path, hashes: dict[int, str], public_keys: list[str], kept: list[str]) -> Iterator[str]:
    """The faults of a slice: of its first line, of each other line, and of what they say together.

    `hashes` are those of an exported chain by entry, empty when there is none beside the verifier.
    """
    first, *lines = file.read_bytes().splitlines(keepends=True) or [b""]
    head = read_entry(first, "signed")
    if head is None or not is_a_head(head):
        yield "line 1 of the slice is not written as its first line is, or was changed"
        return
    yield from unless_signed(head, public_keys, kept)
    said = head["entry"]["facts"]["facts"]
    if said["digest"] != hashlib.sha256(b"".join(lines)).hexdigest() or said["lines"] != str(len(lines)):
        yield f"its lines are not the {said['lines']} that were signed: one was changed, dropped or added"
    told = []
    for number, line in enumerate(lines, 2):
        if (one := read_entry(line)) is None:
            yield f"line {number} of the slice is not an entry of the chain, or was changed"
            return
        told.append(one)
    places = [one["entry"]["seq"] for one in (*told, head)]
    if places != sorted(set(places)):
        yield "its lines are not in the chain's order, or one stands twice"
    if hashes and head["entry"]["seq"] > len(hashes):
        yield "the chain beside the verifier was exported before the slice"
    for one in (*told, head) if hashes else ():
        if hashes.get(one["entry"]["seq"]) != one["hash"]:
            yield f"entry {one['entry']['seq']} is another one in the chain"
    yield from what_it_says([one["entry"] for one in told], said)


def is_a_head(told: dict[str, Any]) -> bool:
    """Whether an entry says that a slice was handed out, and comes with the checkpoint that was signed there."""
    entry, signed = told["entry"], told["signed"]
    facts = entry["facts"]
    return (
        entry["source"] == "event"
        and facts.get("deed") == SLICE_EXPORTED
        and isinstance(facts.get("facts"), dict)
        and facts["facts"].keys() == SAID
        and all(isinstance(value, str) for value in facts["facts"].values())
        and isinstance(signed, dict)
        and signed.keys() == {"at", "public_key", "signature"}
        and isinstance(signed["at"], str)
        and is_base64(signed["public_key"], 32)
        and is_base64(signed["signature"], 64)
    )


def unless_signed(head: dict[str, Any], public_keys: list[str], kept: list[str]) -> Iterator[str]:
    """The fault of the checkpoint, if any: it is signed with the key that was kept, or it is the one in a letter."""
    signed, seq, hash_ = head["signed"], head["entry"]["seq"], head["hash"]
    message = canonical({"at": signed["at"], "hash": hash_, "seq": seq})
    key = base64.b64decode(signed["public_key"])
    if not is_signed(key, message, base64.b64decode(signed["signature"])):
        yield f"the checkpoint at entry {seq} is not signed with the key"
    elif signed["public_key"] not in public_keys and f"{seq}:{hash_}" not in kept:
        yield f"the checkpoint at entry {seq} is not signed with a key of yours, and is in none of your letters"


def what_it_says(entries: list[dict[str, Any]], said: dict[str, str]) -> Iterator[str]:
    """What contradicts the slice's first line: a line of another party or time, or amounts that do not add up."""
    rows: dict[str, dict[int, dict[str, Any]]] = {source: {} for source in IN_A_SLICE}
    for entry in entries:
        if entry["source"] not in IN_A_SLICE:
            yield f"entry {entry['seq']} is of a kind that stands in no slice"
            return
        rows[entry["source"]][entry["facts"]["id"]] = entry["facts"]
    party, bookings, sides = said["party"], rows["booking"], rows["ledger"].values()
    for row in sides:
        if holder_of(row["account"]) != party:
            yield f"ledger entry {row['id']} is of another party"
        if row["booking_id"] not in bookings:
            yield f"the booking of ledger entry {row['id']} is missing"
    for number in bookings.keys() - {row["booking_id"] for row in sides}:
        yield f"booking {number} has no entry of the party"
    for row in bookings.values():
        if not is_within(row.get("entry_date"), said["after"], said["until"]):
            yield f"booking {row['id']} is of another time"
    yield from what_was_paid(rows, said, sum(row["amount_ore"] for row in sides))


def what_was_paid(rows: dict[str, dict[int, dict[str, Any]]], said: dict[str, str], total_ore: int) -> Iterator[str]:
    """Whether the party was paid, or has paid, exactly what its entries sum to."""
    party, settlements, received = said["party"], rows["settlement"], 0
    if said["total_ore"] != str(total_ore):
        yield f"its entries sum to {total_ore} øre, and not to {said['total_ore']}"
    for row in rows["settled_payment"].values():
        if party not in (row["payer"], row["payee"]) or row["settlement_id"] not in settlements:
            yield f"payment {row['id']} is of another party or month"
        received += row["amount_ore"] if row["payee"] == party else -row["amount_ore"]
    if [row["last_day"] for row in settlements.values()] != [said["until"]] * (said["settled"] == "yes"):
        yield f"the settlement of {said['month']} is missing, or another one is here"
    if said["settled"] == "yes" and received != total_ore:
        yield f"{received} øre were paid, and its entries sum to {total_ore}: a line is missing, or is too many"


def holder_of(account: str) -> str:
    """The party that pays and is paid what stands on an account."""
    kind, _, name = account.partition(":")
    owner = name.partition("/")[0]
    if kind == "department":
        return f"association:{owner}"
    return f"municipality:{owner}" if kind in ("fund", "rounding") else account


def is_within(day: object, after: str, until: str) -> bool:
    """Whether a booking's day lies in the slice's time; a booking of an early version says none, and comes first."""
    if day is None:
        return after == ""
    try:
        return date.min.isoformat() <= date.fromisoformat(str(day)).isoformat() <= until and str(day) > after
    except ValueError:
        return False

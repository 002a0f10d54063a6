"""Verifies an exported audit chain, in its folder: `python verify.py --public-key BASE64 | --kept ENTRY:HASH`.

With `--slice FILE` it verifies a party's slice of the books too, beside the chain where that lies in the folder.

It needs only Python's standard library. Each line of chain.jsonl is an entry and its SHA-256; the entry holds the hash
of the entry before it. Each checkpoint says which hash the chain had at an entry, and is signed with Ed25519
(RFC 8032). An entry and its hash that you have kept from a letter show whether any entry up to it has changed. Give
the public key or such a hash: without either, a chain that a stranger wrote anew and signed looks as valid as ours.
Everything is checked: each line can be written in only one way, and anything in addition is refused. When something
was changed, the first fault is printed and the exit code is 1.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from deployments.audit_slice import canonical, faults_of_slice, is_a_hash, is_an_entry, is_base64
from deployments.ed25519 import is_signed

GENESIS = "0" * 64
CHAIN, CHECKPOINTS = "chain.jsonl", "checkpoints.json"
# The sources of entries.
SOURCES = (
    "agreement_migration",
    "archived",
    "booking",
    "claim",
    "claim_answered",
    "closed_period",
    "event",
    "history",
    "invoice",
    "invoice_response",
    "ledger",
    "migrated_case",
    "move_in",
    "opening",
    "posted_before",
    "posting_correction",
    "posting_run",
    "posting_run_line",
    "posting_state",
    "release",
    "settled_payment",
    "settlement",
    "shredding",
    "states",
)


def faults(folder: Path, hashes: dict[int, str], public_keys: list[str], kept: list[str]) -> Iterator[str]:
    """The faults of the chain, then of the checkpoints, then of what was kept; fills `hashes` with the entries' own."""
    if not public_keys and not kept:
        yield (
            "nothing of yours was given to hold it against: give the public key that you have kept (--public-key), or "
            "an entry and its hash from a letter (--kept); a chain that a stranger wrote anew looks the same without"
        )
    missing = [name for name in (CHAIN, CHECKPOINTS) if not (folder / name).is_file()]
    if missing:
        yield f"{missing[0]} is missing"
        return
    yield from in_the_chain(folder / CHAIN, hashes)
    yield from in_the_checkpoints(folder / CHECKPOINTS, hashes, public_keys)
    lost = lost_in(folder / CHAIN)
    for written in kept:
        seq, _, hash_ = written.partition(":")
        if not (seq.isascii() and seq.isdecimal() and is_a_hash(hash_)):
            yield "what was given as --kept is not an entry and its hash, ENTRY:HASH"
        elif written not in lost:
            yield from unless_kept(hashes, int(seq), hash_)
    if not public_keys and all(written in lost for written in kept):
        yield "all that you have kept was lost when a backup was put back: give the public key, or a newer letter"


def lost_in(file: Path) -> dict[str, str]:
    """Each ENTRY:HASH that was lost when a backup was put back, with the entry that says so and its actor."""
    found: dict[str, str] = {}
    with file.open("rb") as lines:
        for line in lines:
            entry = json.loads(line)["entry"]
            facts = entry["facts"]
            if entry["source"] == "event" and facts.get("deed") == "restored" and isinstance(facts.get("facts"), dict):
                said = f"in entry {entry['seq']}, at {facts.get('at')}, {facts.get('actor')} says so"
                found |= dict.fromkeys(str(facts["facts"].get("lost", "")).split(), said)
    return found


def in_the_chain(file: Path, hashes: dict[int, str]) -> Iterator[str]:
    """The faults of the entries."""
    previous = GENESIS
    with file.open("rb") as lines:
        for seq, line in enumerate(lines, 1):
            try:
                told = json.loads(line)
                # A name that stands twice, an additional one or another spelling gives another line.
                as_we_write_it = canonical(told) + b"\n" == line
            except (ValueError, RecursionError):
                as_we_write_it = False
            if not as_we_write_it or not is_an_entry(told):
                yield f"line {seq} of {CHAIN} is not written as an entry is: it holds more, less or something else"
                return
            yield from unless_it_follows(told["entry"], told["hash"], seq, previous)
            previous = hashes[seq] = told["hash"]


def unless_it_follows(entry: dict[str, object], hash_: str, seq: int, previous: str) -> Iterator[str]:
    """The fault of an entry that follows another, if any."""
    if entry["seq"] != seq:
        yield f"entry {seq} is missing"
    elif entry["previous"] != previous:
        yield f"entry {seq} does not follow the one before it"
    elif hashlib.sha256(canonical(entry)).hexdigest() != hash_:
        yield f"entry {seq} was changed"
    elif entry["source"] not in SOURCES:
        yield f"entry {seq} is of a kind that this verifier does not know"


def in_the_checkpoints(file: Path, hashes: dict[int, str], public_keys: list[str]) -> Iterator[str]:
    """The faults of the checkpoints. The newest must sign the chain's last entry: later entries would be unsigned."""
    try:
        checkpoints = json.loads(file.read_bytes(), object_pairs_hook=without_doubles)
    except (ValueError, RecursionError):
        checkpoints = None
    if not isinstance(checkpoints, list) or not all(is_a_checkpoint(told) for told in checkpoints):
        yield f"{CHECKPOINTS} is not written as checkpoints are: it holds more, less or something else"
        return
    numbers = [told["seq"] for told in checkpoints]
    if numbers != sorted(set(numbers)):
        yield "the checkpoints are not in their order, or one stands twice"
    for told in checkpoints:
        message = canonical({name: told[name] for name in ("at", "hash", "seq")})
        signature, key = base64.b64decode(told["signature"]), base64.b64decode(told["public_key"])
        if (public_keys and told["public_key"] not in public_keys) or not is_signed(key, message, signature):
            yield f"the checkpoint at entry {told['seq']} is not signed with the key"
        yield from unless_kept(hashes, told["seq"], told["hash"])
    if not checkpoints:
        yield "no checkpoint is signed with the key"
    elif numbers[-1] != len(hashes):
        yield f"what follows entry {numbers[-1]} is signed by nobody"


def without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object; a name that stands twice is an error, because readers of JSON differ in which of the two they take."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def is_a_checkpoint(told: object) -> bool:
    """Whether this is a checkpoint, and nothing else."""
    return (
        isinstance(told, dict)
        and told.keys() == {"at", "hash", "public_key", "seq", "signature"}
        and type(told["seq"]) is int
        and isinstance(told["at"], str)
        and is_a_hash(told["hash"])
        and is_base64(told["public_key"], 32)
        and is_base64(told["signature"], 64)
    )


def unless_kept(hashes: dict[int, str], seq: int, hash_: str) -> Iterator[str]:
    """The fault of the chain, if any, given the hash that it had at an entry."""
    if seq not in hashes:
        yield f"entry {len(hashes) + 1} and what follows was cut off"
    elif hashes[seq] != hash_:
        yield f"entry {seq} or one before it was changed"


def main() -> int:
    """Verify the folder that this file lies in."""
    parser = argparse.ArgumentParser(description="Verify an exported audit chain.")
    told = "a key that checkpoints may be signed with, as you have kept it; once for each"
    parser.add_argument("--public-key", action="append", default=[], help=told)
    parser.add_argument("--kept", action="append", default=[], help="an entry and its hash from a letter, ENTRY:HASH")
    parser.add_argument("--slice", type=Path, help="a party's slice of the books, as `tilflyt ledger slice` wrote it")
    chosen = parser.parse_args()
    hashes: dict[int, str] = {}
    alone = chosen.slice is not None and not (Path(__file__).parent / CHAIN).exists()
    for fault in () if alone else faults(Path(__file__).parent, hashes, chosen.public_key, chosen.kept):
        print(f"The chain does not hold: {fault}.")  # noqa: T201  # this is how it tells
        return 1
    for fault in faults_of_slice(chosen.slice, hashes, chosen.public_key, chosen.kept) if chosen.slice else ():
        print(f"The slice does not hold: {fault}.")  # noqa: T201  # this is how it tells
        return 1
    if chosen.slice:
        more = "; to see that the chain has them, put an export of it beside this file" if alone else ", as the chain"
        print(f"The slice holds, every line as it was signed{more}.")  # noqa: T201  # this is how it tells
    if alone:
        return 0
    lost = lost_in(Path(__file__).parent / CHAIN)
    for one in (kept for kept in chosen.kept if kept in lost):
        told = f"Entry {one.partition(':')[0]} as you have kept it was lost when a backup was put back"
        print(f"{told}: {lost[one]}. Ask whether it is so.")  # noqa: T201  # this is how it tells
    still = [int(one.partition(":")[0]) for one in chosen.kept if one not in lost]
    shown = len(hashes) if chosen.public_key else max(still)
    more = "" if shown == len(hashes) else f", up to entry {shown} as you have kept it; what follows you cannot show"
    print(f"The chain holds, {len(hashes)} entries{more}.")  # noqa: T201  # this is how it tells
    return 0


if __name__ == "__main__":
    sys.exit(main())

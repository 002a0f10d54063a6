"""Verifies an exported audit chain, in its folder: `python verify.py [--public-key BASE64] [--kept ENTRY:HASH]`.

It needs Python's standard library and nothing of ours. Each line of chain.jsonl is an entry and its SHA-256; in the
entry stands the hash before it. Each checkpoint says which hash the chain had at an entry, signed with Ed25519
(RFC 8032). An entry and its hash that you have kept, from a letter, show whether what came before them has changed.
Exit 1, and the first entry that is wrong, when anything was changed.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

GENESIS = "0" * 64

# The curve of RFC 8032, section 5.1.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add(one: Point, other: Point) -> Point:
    """The sum of two points, in extended coordinates (x, y, z, t with xy = zt)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    c, d = 2 * t1 * t2 * D, 2 * z1 * z2
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """A point so many times."""
    result = NEUTRAL
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def point_of(written: bytes) -> Point | None:
    """A point from its 32 bytes: y, and in the highest bit whether x is odd."""
    number = int.from_bytes(written, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the key's owner signed the message."""
    key, r, s = point_of(public_key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or len(public_key) != 32 or key is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(h, key))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def canonical(document: object) -> bytes:
    """JSON in one way only (RFC 8785)."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def faults(folder: Path, hashes: dict[int, str], public_keys: list[str], kept: list[str]) -> Iterator[str]:
    """What is wrong, the first of the chain, then of the checkpoints and of what was kept; `hashes` is filled."""
    yield from in_the_chain(folder, hashes)
    checkpoints = json.loads((folder / "checkpoints.json").read_text(encoding="utf-8"))
    if public_keys and not checkpoints:
        yield "no checkpoint is signed with the key"
    for told in checkpoints:
        message = canonical({name: told[name] for name in ("at", "hash", "seq")})
        signature, key = base64.b64decode(told["signature"]), base64.b64decode(told["public_key"])
        if (public_keys and told["public_key"] not in public_keys) or not is_signed(key, message, signature):
            yield f"the checkpoint at entry {told['seq']} is not signed with the key"
        yield from unless_kept(hashes, told["seq"], told["hash"])
    for seq, _, hash_ in (one.partition(":") for one in kept):
        yield from unless_kept(hashes, int(seq), hash_)


def in_the_chain(folder: Path, hashes: dict[int, str]) -> Iterator[str]:
    """What is wrong with the entries."""
    previous = GENESIS
    with (folder / "chain.jsonl").open(encoding="utf-8") as lines:
        for seq, line in enumerate(lines, 1):
            told = json.loads(line)
            entry = told["entry"]
            if entry["seq"] != seq:
                yield f"entry {seq} is missing"
            elif entry["previous"] != previous:
                yield f"entry {seq} does not follow the one before it"
            elif hashlib.sha256(canonical(entry)).hexdigest() != told["hash"]:
                yield f"entry {seq} was changed"
            previous = hashes[seq] = told["hash"]


def unless_kept(hashes: dict[int, str], seq: int, hash_: str) -> Iterator[str]:
    """What is wrong with the chain when it had this hash at an entry."""
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
    chosen = parser.parse_args()
    hashes: dict[int, str] = {}
    for fault in faults(Path(__file__).parent, hashes, chosen.public_key, chosen.kept):
        print(f"The chain does not hold: {fault}.")  # noqa: T201  # this is how it tells
        return 1
    print(f"The chain holds, {len(hashes)} entries.")  # noqa: T201  # this is how it tells
    return 0


if __name__ == "__main__":
    sys.exit(main())

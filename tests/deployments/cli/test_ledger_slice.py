"""A party's own slice of the books: whoever keeps the key, or the chain, finds whatever was changed in it."""

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.audit import canonical
from tests.storage.books.model import two_housed_families
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)
NYBORG, ODENSE, HAVBLIK = "municipality:0450", "municipality:0461", "association:havblik"
Stranger = Callable[..., str]


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    found = CommandLine(world, monkeypatch, capsys, tmp_path)
    world.clock.move_on(timedelta(days=40))
    world.settle()
    found("settlement", "make", "2026-03")
    return found


def cut(tilflyt: CommandLine, party: str, name: str = "slice.jsonl", month: str = "2026-03") -> Path:
    tilflyt("ledger", "slice", party, name, "--month", month)
    return tilflyt.folder / name


@pytest.fixture
def stranger(tilflyt: CommandLine) -> Stranger:
    """Verifies a slice with the verifier of an export, with our key unless another is given; returns what it says."""
    tilflyt("audit", "export", "out")
    (tilflyt.folder / "verify.py").write_bytes((tilflyt.folder / "out" / "verify.py").read_bytes())
    ours = json.loads(tilflyt("audit", "key", "--json"))["public_key"]

    def verifies(file: Path, *, key: str = ours, code: int = 1, verifier: str = "verify.py") -> str:
        command = [sys.executable, "-I", "-S", verifier, "--slice", str(file), "--public-key", key]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tilflyt.folder)  # noqa: S603  # our own file
        assert (done.returncode, done.stderr) == (code, ""), done.stdout + done.stderr
        return done.stdout

    return verifies


def entries(file: Path) -> list[dict]:
    return [json.loads(line)["entry"] for line in file.read_text().splitlines()]


def test_each_party_gets_its_own_bookings_and_payments_and_nothing_of_others(tilflyt: CommandLine, stranger: Stranger):
    for party in (NYBORG, ODENSE, HAVBLIK):
        file = cut(tilflyt, party, f"{party[-4:]}.jsonl")
        head, *rows = entries(file)
        said = head["facts"]["facts"]
        accounts = {row["facts"]["account"] for row in rows if row["source"] == "ledger"}

        assert "every line as it was signed" in stranger(file, code=0)
        assert (said["party"], said["settled"], said["lines"]) == (party, "yes", str(len(rows)))
        assert accounts <= {party, "department:havblik/Strandvænget", "fund:0461/fyn", "rounding:0461"}
        assert (party == HAVBLIK) is (accounts == {"department:havblik/Strandvænget"})
        assert {row["source"] for row in rows} == {"booking", "ledger", "settlement", "settled_payment"}
        assert family().identity.adult_name not in file.read_text()
    assert json.loads(tilflyt("audit", "verify", "--json"))["holds"]


def test_a_slice_is_compared_with_the_chain_that_lies_beside_the_verifier(tilflyt: CommandLine, stranger: Stranger):
    file = cut(tilflyt, NYBORG)
    assert "was exported before the slice" in stranger(file, verifier="out/verify.py")

    tilflyt("audit", "export", "later")
    said = stranger(file, verifier="later/verify.py", code=0)
    assert "The slice holds" in said
    assert "The chain holds" in said


def test_a_month_that_is_not_settled_is_told_as_it_stands(tilflyt: CommandLine, stranger: Stranger):
    file = cut(tilflyt, NYBORG, month="2026-04")

    assert entries(file)[0]["facts"]["facts"]["settled"] == "no"
    assert "The slice holds" in stranger(file, code=0)


def test_another_key_is_no_proof(tilflyt: CommandLine, stranger: Stranger):
    assert "not signed with a key of yours" in stranger(cut(tilflyt, NYBORG), key=base64.b64encode(bytes(32)).decode())


def lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True)


def test_whatever_is_changed_in_a_slice_is_found(tilflyt: CommandLine, stranger: Stranger):
    file, other = cut(tilflyt, NYBORG), cut(tilflyt, ODENSE, "other.jsonl")
    head, *rows = lines(file)
    amount = next(row for row in rows if b'"amount_ore":800000' in row)
    changes = {
        "an amount": [head, *(row.replace(b'"amount_ore":800000', b'"amount_ore":900000') for row in rows)],
        "a line dropped": [head, *(row for row in rows if row is not amount)],
        "another party's line": [head, *rows, next(row for row in lines(other)[1:] if b'"account"' in row)],
        "a line twice": [head, *rows, rows[-1]],
        "another order": [head, rows[1], rows[0], *rows[2:]],
        "another's first line": [lines(other)[0], *rows],
        "the sum": [head.replace(b'"total_ore":"', b'"total_ore":"1'), *rows],
        "a note": [head.replace(b'"signed":{', b'"note":1,"signed":{'), *rows],
        "no first line": rows,
        "nothing": [],
        "nonsense": [b"[" * 100_000, *rows],
    }
    for what, made in changes.items():
        changed = tilflyt.folder / "changed.jsonl"
        changed.write_bytes(b"".join(made))
        assert "The slice does not hold" in stranger(changed), what


def signed_anew(rows: list[bytes], head: bytes, **said: str) -> tuple[bytes, str]:
    """The first line of a slice that somebody signs with a key of their own; and that key."""
    told = json.loads(head)
    facts = told["entry"]["facts"]["facts"]
    facts |= {"lines": str(len(rows)), "digest": hashlib.sha256(b"".join(rows)).hexdigest()} | said
    told["hash"] = hashlib.sha256(canonical(told["entry"])).hexdigest()
    private = Ed25519PrivateKey.generate()
    key = base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    message = canonical({"at": told["signed"]["at"], "hash": told["hash"], "seq": told["entry"]["seq"]})
    told["signed"] |= {"public_key": key, "signature": base64.b64encode(private.sign(message)).decode()}
    return canonical(told) + b"\n", key


def total(rows: list[bytes]) -> str:
    facts = [json.loads(row)["entry"] for row in rows]
    return str(sum(one["facts"]["amount_ore"] for one in facts if one["source"] == "ledger"))


def test_whoever_signs_a_false_slice_contradicts_what_was_paid_or_the_chain(tilflyt: CommandLine, stranger: Stranger):
    """As if the operator itself were to lie."""
    file, other = cut(tilflyt, NYBORG), cut(tilflyt, ODENSE, "other.jsonl")
    tilflyt("audit", "export", "later")
    head, *rows = lines(file)
    side = next(row for row in rows if b'"amount_ore":800000' in row)
    booking = f'"id":{json.loads(side)["entry"]["facts"]["booking_id"]},'.encode()
    without = [row for row in rows if row is not side and not (b'"source":"booking"' in row and booking in row)]
    theirs = next(row for row in lines(other)[1:] if b'"account"' in row)
    forged = json.loads(side)
    forged["entry"]["facts"]["amount_ore"] = 800_001
    forged["hash"] = hashlib.sha256(canonical(forged["entry"])).hexdigest()
    another = [canonical(forged) + b"\n" if row is side else row for row in rows]
    told = tilflyt.folder / "told.jsonl"
    for made, fault in (
        (without, "a line is missing"),
        (sorted([*rows, theirs], key=lambda row: json.loads(row)["entry"]["seq"]), "of another party"),
        (another, "a line is missing, or is too many"),
    ):
        first, key = signed_anew(made, head, total_ore=total(made))
        told.write_bytes(b"".join((first, *made)))
        assert fault in stranger(told, key=key), fault


NO_SUCH = [("municipality:9999", "2026-03"), ("Nyborg", "2026-03"), (NYBORG, "March")]


@pytest.mark.parametrize(("party", "month"), NO_SUCH)
def test_what_is_no_party_or_month_is_refused_and_leaves_no_file(tilflyt: CommandLine, party: str, month: str):
    tilflyt("ledger", "slice", party, "slice.jsonl", "--month", month, code=1)

    assert not (tilflyt.folder / "slice.jsonl").exists()

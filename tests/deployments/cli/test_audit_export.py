"""Anybody can verify an exported chain with nothing but Python, and every change to an export is found."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments import audit_verifier
from deployments.cli.main import app
from domain.audit import canonical
from storage.audit.chain import sources
from tests.world.families import family
from tests.world.new_world import KEY, keys_in
from tests.world.world import World

Stranger = Callable[..., subprocess.CompletedProcess[str]]
OTHER_KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def exported(sqlite_world: World, tmp_path: Path, monkeypatch) -> str:
    """The public key of the chain of a housed family, which is exported to `out`."""
    world = sqlite_world
    world.home()
    world.flag(family())
    world.housed()
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("VAULT_KEY", base64.b64encode(KEY).decode()),
        ("DATABASE_URL", str(world.platform.database.engine.url)),
        ("KEYS_URL", keys_in(tmp_path)),
    ):
        monkeypatch.setenv(f"TILFLYT_{name}", value)
    run = CliRunner().invoke
    made = run(app, ["audit", "export", "out", "--json"])
    assert made.exit_code == 0, made.output
    found: str = json.loads(run(app, ["audit", "key", "--json"]).stdout)["public_key"]
    return found


@pytest.fixture
def stranger(exported: str) -> Stranger:
    """Runs the verifier in the exported folder, with the true key unless another is given."""

    def verifies(*given: str, key: str = exported) -> subprocess.CompletedProcess[str]:
        with_key = ("--public-key", key) if key and not given else given
        command = [sys.executable, "-I", "-S", "out/verify.py", *with_key]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own file

    return verifies


CHAIN, CHECKPOINTS = Path("out/chain.jsonl"), Path("out/checkpoints.json")


def refused(found: subprocess.CompletedProcess[str], told: str) -> bool:
    assert found.stderr == ""
    assert told in found.stdout
    return found.returncode == 1 and found.stdout.startswith("The chain does not hold: ")


def test_a_stranger_can_verify_an_export_with_nothing_but_python(exported: str, stranger: Stranger):
    assert stranger().returncode == 0
    assert "holds" in stranger("--public-key", exported, "--public-key", OTHER_KEY).stdout
    third = json.loads(CHAIN.read_text().splitlines()[2])["hash"]
    told = stranger("--kept", f"3:{third}")
    assert (told.returncode, "up to entry 3 as you have kept it" in told.stdout) == (0, True)
    assert refused(stranger("--kept", f"3:{'0' * 64}"), "entry 3 or one before it was changed")
    assert refused(stranger("--kept", f"9999:{third}"), "cut off")
    # When two parties' letters differ, the chain cannot agree with both.
    assert refused(stranger("--kept", f"3:{third}", "--kept", f"3:{'0' * 64}"), "was changed")
    assert refused(stranger("--kept", "first"), "--kept")
    assert refused(stranger("--public-key", OTHER_KEY), "not signed with the key")


def test_nothing_to_hold_it_against_is_no_verdict(stranger: Stranger):
    assert refused(stranger(key=""), "nothing of yours was given")


def test_the_verifier_knows_every_kind_of_entry():
    assert sorted(sources()) == sorted(audit_verifier.SOURCES)


def again(lines: list[str]) -> None:
    CHAIN.write_text("".join(lines))


def without_last_brace(line: str) -> str:
    return line.rstrip()[:-1]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (lambda lines: [*lines[:4], lines[4].replace('"at":"2', '"at":"1'), *lines[5:]], "entry 5 was changed"),
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: lines[1:], "entry 1 is missing"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "entry 1 is missing"),
        # With a name that stands twice, one reader of JSON shows the first value, and another checks the last.
        (lambda lines: [lines[0].replace('"actor":', '"actor":"a stranger","actor":'), *lines[1:]], "line 1"),
        (lambda lines: ['{"entry":{},' + lines[0][1:], *lines[1:]], "line 1"),
        (lambda lines: [without_last_brace(lines[0]) + ',"note":"x"}\n', *lines[1:]], "line 1"),
        (lambda lines: [lines[0].replace('"seq":1', '"seq":1 '), *lines[1:]], "line 1"),
        (lambda lines: [lines[0].replace('"seq":1', '"seq":true'), *lines[1:]], "line 1"),
        (lambda lines: [*lines, "{}\n"], "line"),
        (lambda lines: [*lines, "\n"], "line"),
        (lambda lines: [*lines[:-1], lines[-1].rstrip()], "line"),
        (lambda lines: [*lines, "trailing"], "line"),
        (lambda lines: [lines[0], "[" * 100_000 + "\n", *lines[1:]], "line 2"),
        (lambda lines: [lines[0], '{"entry":NaN,"hash":NaN}\n', *lines[1:]], "line 2"),
        (lambda lines: [lines[0], '"\\ud800"\n', *lines[1:]], "line 2"),
        (lambda _: [], "cut off"),
    ],
)
def test_a_chain_that_is_not_as_it_was_written_is_refused(stranger: Stranger, changed, told: str):
    again(changed(CHAIN.read_text().splitlines(keepends=True)))

    assert refused(stranger(), told)


def test_an_entry_of_a_kind_that_nobody_knows_is_refused(stranger: Stranger):
    first, *others = CHAIN.read_text().splitlines(keepends=True)
    entry = json.loads(first)["entry"] | {"source": "trust me"}
    hash_ = audit_verifier.hashlib.sha256(canonical(entry)).hexdigest()
    again([canonical({"entry": entry, "hash": hash_}).decode() + "\n", *others])

    assert refused(stranger(), "of a kind that this verifier does not know")


def doubled(written: str) -> str:
    return written.replace('"seq":', '"seq": 1, "seq":', 1)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (lambda _: "[]", "no checkpoint is signed"),
        (lambda written: written + "x", "checkpoints.json"),
        (doubled, "checkpoints.json"),
        (lambda written: written.replace('"seq":', '"more": 1, "seq":', 1), "checkpoints.json"),
        (lambda written: json.dumps([*json.loads(written), *json.loads(written)]), "stands twice"),
        (lambda written: json.dumps(json.loads(written)[0]), "checkpoints.json"),
        (lambda written: json.dumps([json.loads(written)[0] | {"at": "2020"}]), "not signed with the key"),
        (lambda written: json.dumps([json.loads(written)[0] | {"signature": "AA=="}]), "checkpoints.json"),
        (lambda _: "[" * 100_000, "checkpoints.json"),
    ],
)
def test_checkpoints_that_are_not_as_they_were_written_are_refused(stranger: Stranger, changed, told: str):
    CHECKPOINTS.write_text(changed(CHECKPOINTS.read_text()))

    assert refused(stranger(), told)


def test_what_nobody_signed_does_not_pass_as_signed(stranger: Stranger):
    lines = CHAIN.read_text().splitlines(keepends=True)
    last = json.loads(lines[-1])
    entry = {"facts": {}, "previous": last["hash"], "seq": len(lines) + 1, "source": "event"}
    hash_ = audit_verifier.hashlib.sha256(canonical(entry)).hexdigest()
    again([*lines, canonical({"entry": entry, "hash": hash_}).decode() + "\n"])

    assert refused(stranger(), "is signed by nobody")


@pytest.mark.parametrize("file", [CHAIN, CHECKPOINTS])
def test_a_file_that_is_missing_is_said_to_be(stranger: Stranger, file: Path):
    file.unlink()

    assert refused(stranger(), f"{file.name} is missing")


def test_nobody_is_named_in_what_a_stranger_is_given(exported: str):
    identity = family().identity
    told = CHAIN.read_text()
    assert exported
    for value in (identity.adult_name, identity.cpr, identity.email, identity.phone, identity.address):
        assert value not in told

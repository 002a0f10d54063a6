"""A file that a command cannot read or write gives one sentence that names it; only its owner may read a new file."""

import json
import os
import re
import stat
from pathlib import Path

import pytest
from sqlmodel import select

from deployments import files
from storage.audit.events import AuditEvent
from storage.vault.entries import VaultOpening
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.world import World

REFERENCE = "TF-2026-00001"
WRITES = {
    "rights access": ("rights", "access", REFERENCE, "--purpose", "the family asked", "--to"),
    "audit export": ("audit", "export"),
}
READS = {
    "import": ("import",),
    "feed check": ("feed", "check"),
}


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    sqlite_world.flag(family())
    folder = tmp_path / "here"
    folder.mkdir()
    return CommandLine(sqlite_world, monkeypatch, capsys, folder)


@pytest.fixture
def wide_mask():
    """A umask with which everybody may read and write new files."""
    before = os.umask(0)
    yield
    os.umask(before)


def rights_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("command", WRITES)
@pytest.mark.parametrize(
    "where", ["/proc/x", "/proc/self/x", "/dev/null/x", "nowhere/x", "there", "file", "file/x", "x" * 300, "loop/x"]
)
def test_where_nothing_can_be_written_is_one_sentence_and_nothing_is_opened(
    tilflyt: CommandLine, command: str, where: str
):
    (tilflyt.folder / "there").mkdir()
    (tilflyt.folder / "file").write_text("as it was")
    (tilflyt.folder / "loop").symlink_to("loop")

    told = tilflyt(*WRITES[command], where, code=1)

    assert told.startswith("file_out_of_reach: ")
    assert where in told.replace(" ", "")
    assert list((tilflyt.folder / "there").iterdir()) == []
    assert (tilflyt.folder / "file").read_text() == "as it was"
    assert tilflyt.world.rows(select(VaultOpening)) == []
    deeds = tilflyt.world.rows(select(AuditEvent.deed))
    assert not {"access_given", "audit_exported"} & set(deeds)


@pytest.mark.parametrize("command", WRITES)
def test_what_is_written_its_owner_alone_may_read(tilflyt: CommandLine, command: str, wide_mask: None):
    tilflyt(*WRITES[command], "out")

    made = sorted((tilflyt.folder / "out").iterdir())
    assert len(made) >= 2
    assert rights_of(tilflyt.folder / "out") == 0o700
    assert {rights_of(one) for one in made} == {0o600}


def test_when_the_disk_is_full_nothing_is_left_lying_about(tilflyt: CommandLine, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.NewFolder, "write", full)
    with pytest.raises(OSError, match="No space"), files.new_folder(tilflyt.folder / "out") as folder:
        folder.write("held", b"who they are")

    assert not (tilflyt.folder / "out").exists()


BROKEN = {
    "deep lists": b"a = " + b"[" * 200_000,
    "deep tables": b"a = " + b"{b=" * 100_000,
    "no utf-8": b'agreement = "\xff\xfe"',
    "utf-16": "agreement = 1".encode("utf-16"),
    "no toml": b"{]",
    "a number": b"agreement = 1",
    "names": b'partner = ["havblik"]',
    "a table": b"[agreement]\nid = 1",
    "too long": b"#" * (files.MOST_BYTES_OF_TOML + 1),
    "long keys": b".".join([b"a"] * 20_000) + b" = 1\nagreement = [1]",
}


@pytest.mark.parametrize("how", BROKEN)
def test_toml_of_every_broken_kind_is_one_sentence(tilflyt: CommandLine, how: str):
    (tilflyt.folder / "parties.toml").write_bytes(BROKEN[how])

    told = tilflyt("import", "parties.toml", code=1)

    says = r"(file_out_of_reach: parties\.toml(:\d+)?|invalid: parties\.toml: .* (agreement|partner)): "
    assert re.search(says, told)
    assert len(told) < 400


@pytest.mark.parametrize("command", READS)
@pytest.mark.parametrize("where", ["nowhere", "folder", "/proc/self/mem", "/dev/null/x", "loop", "x" * 300])
def test_what_cannot_be_read_is_one_sentence(tilflyt: CommandLine, command: str, where: str):
    (tilflyt.folder / "folder").mkdir()
    (tilflyt.folder / "loop").symlink_to("loop")

    told = tilflyt(*READS[command], where, code=1)

    assert "file_out_of_reach: " in told
    assert where in told.replace(" ", "")


@pytest.mark.parametrize("ending", ["json", "csv", "xml"])
@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a":' * 100_000, b"<a>" * 100_000, b"\xff\xfe\x00", b"", b"\x00" * 1000, b"1"]
)
def test_a_feed_of_every_broken_kind_is_one_sentence(tilflyt: CommandLine, ending: str, body: bytes):
    (tilflyt.folder / f"feed.{ending}").write_bytes(body)

    tilflyt("feed", "check", f"feed.{ending}", code=1)


def test_a_settings_file_that_cannot_be_read_is_one_sentence(tilflyt: CommandLine):
    (tilflyt.folder / ".env").write_bytes(b"TILFLYT_WORLD=\xff\xfe")
    assert ".env: not UTF-8" in tilflyt("attention", code=1)


@pytest.mark.parametrize("setting", ["DATABASE_URL", "KEYS_URL"])
@pytest.mark.parametrize("where", ["/proc/x/y.sqlite", "/proc/y.sqlite", "folder", "/dev/null/y.sqlite"])
def test_a_database_that_cannot_be_made_is_one_sentence(
    tilflyt: CommandLine, monkeypatch: pytest.MonkeyPatch, setting: str, where: str
):
    (tilflyt.folder / "folder").mkdir()
    monkeypatch.setenv(f"TILFLYT_{setting}", f"sqlite:///{where}")

    told = tilflyt("vault", "sweep", code=1)

    assert told.startswith(
        "database_out_of_reach: " if where == "folder" else "not_installed: there is no database at "
    )
    assert where in told


def test_a_database_that_was_never_migrated_or_is_none_is_one_sentence(tilflyt: CommandLine, monkeypatch):
    (tilflyt.folder / "empty.sqlite").touch()
    monkeypatch.setenv("TILFLYT_DATABASE_URL", "sqlite:///empty.sqlite")
    assert "tilflyt migrate" in tilflyt("attention", code=1)
    monkeypatch.setenv("TILFLYT_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/x")
    assert "tilflyt doctor" in tilflyt("attention", code=1)
    (tilflyt.folder / "none.sqlite").write_bytes(b"This is no database at all, whatever it is called." * 100)
    monkeypatch.setenv("TILFLYT_DATABASE_URL", "sqlite:///none.sqlite")
    assert "tilflyt doctor" in tilflyt("attention", code=1)


def test_no_command_opens_a_database_past_the_one_place():
    here = Path(files.__file__).parent
    found = [
        f"{path.name}: {line.strip()}"
        for path in (*(here / "cli").rglob("*.py"), *(here / "doctor").glob("*.py"))
        for line in path.read_text().splitlines()
        # The doctor checks whether the database answers before it checks its content.
        if re.search(r"\bDatabase\(", line) and "database.reading() as session:" not in line
    ]
    assert found == []


def test_no_command_reads_or_writes_past_the_one_place():
    here = Path(files.__file__).parent
    past = re.compile(r"\.open\(|\bopen\(|read_text|read_bytes|write_text|write_bytes|\.mkdir\(|copyfile|tomllib\.")
    found = [
        f"{path.name}: {line.strip()}"
        for path in (*(here / "cli").rglob("*.py"), here / "feed_check.py", here / "doctor" / "doctor.py")
        for line in path.read_text().splitlines()
        if past.search(line)
    ]
    assert found == []


def test_the_folder_holds_what_is_held_about_the_family(tilflyt: CommandLine):
    tilflyt(*WRITES["rights access"], "out")

    held = json.loads((tilflyt.folder / "out" / "access.json").read_text())
    assert family().identity.adult_name in json.dumps(held, ensure_ascii=False)

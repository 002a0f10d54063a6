"""`tilflyt restored --checkpoint` takes a letter however it was saved, and only if we signed it."""

import base64
import json
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import col, select

from deployments.backup.kept_letters import signed_in
from deployments.cli.audit import known_keys
from domain.errors import Invalid
from storage.audit.checkpoints import AuditCheckpoint, verifying_key
from storage.settings import load_settings
from tasks.upkeep.chain import seal
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.put_back import backed_up, put_back
from tests.world.world import World


@pytest.fixture
def lost(sqlite_world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    """A backup was put back after a checkpoint's letter was sent; the letter was saved in the folder."""
    world = sqlite_world
    world.flag(family(1))
    kept = backed_up(world)
    world.clock.move_on(timedelta(days=1))
    world.flag(family(2))
    seal(world.platform)
    world.deliver()
    letter = next(one for one in reversed(world.mail.letters) if "verify.py" in plain(one))
    tilflyt = CommandLine(world, monkeypatch, capsys, tmp_path)
    (tmp_path / "letter.eml").write_bytes(letter.as_bytes())
    (tmp_path / "letter.txt").write_text(plain(letter), encoding="utf-8")
    put_back(world, kept)
    return tilflyt


def plain(letter: EmailMessage) -> str:
    return letter.get_body(("plain",)).get_content()


def told(tilflyt: CommandLine, given: str) -> list[int]:
    return json.loads(tilflyt("restored", "--dry-run", "--json", "--checkpoint", given))["lost"]


def test_a_letter_is_taken_as_a_file_pasted_quoted_or_broken_into_lines(lost: CommandLine):
    text = (lost.folder / "letter.txt").read_text(encoding="utf-8")
    quoted = "\n".join(f"> {line[at : at + 50]}" for line in text.splitlines() for at in range(0, len(line) or 1, 50))
    found = [told(lost, given) for given in ("letter.eml", "letter.txt", text, quoted, text.replace("\n", "\r\n"))]
    assert len(found[0]) == 1
    assert found[1:] == found[:1] * 4


def test_what_is_not_signed_by_us_explains_nothing(lost: CommandLine):
    text = (lost.folder / "letter.txt").read_text(encoding="utf-8")
    seq, _, hash_ = text.partition("--kept ")[2].split()[0].partition(":")
    other = hash_.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    signature = next(word for word in text.split() if word.endswith("=="))
    forged = base64.b64encode(bytes(64)).decode()
    for changed in (
        text.replace(hash_, other),
        text.replace(f"--kept {seq}:", f"--kept {int(seq) + 1}:"),
        text.replace(signature, forged),
        text.replace(".000000+00:00", ".000001+00:00"),
    ):
        assert changed != text
        assert "not signed with a key of this installation" in lost("restored", "--checkpoint", changed, code=1)
    for missing in (text.replace(signature, ""), text.replace(".000000+00:00", ""), f"{seq}:{hash_}"):
        assert "the signature or the moment that it signs is missing" in lost(
            "restored", "--checkpoint", missing, code=1
        )
    assert "no ENTRY:HASH" in lost("restored", "--checkpoint", "letter.pdf", code=1)
    assert "believe: municipality:9999 is no party here" in lost("restored", "--believe", "municipality:9999", code=1)


def test_a_letter_signed_before_a_rotation_counts_where_its_key_is_known(lost: CommandLine, monkeypatch):
    public = base64.b64encode(verifying_key(lost.world.platform.vault)).decode()
    monkeypatch.setenv("TILFLYT_VAULT_KEY", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("TILFLYT_VAULT_KEY_ID", "k2")
    settings = load_settings(_env_file=None)
    with pytest.raises(Invalid, match="not signed with a key of this installation"):
        signed_in("letter.eml", known_keys(settings, ()))
    assert signed_in("letter.eml", known_keys(settings, [public])).seq > 0


def test_the_letter_shows_the_moment_that_is_signed(sqlite_world: World):
    seal(sqlite_world.platform)
    sqlite_world.deliver()
    (signed,) = sqlite_world.rows(select(AuditCheckpoint).order_by(col(AuditCheckpoint.seq)))
    sent = [plain(one) for one in sqlite_world.mail.letters]
    assert any(signed.at.isoformat(timespec="microseconds") in one for one in sent)

"""Wrong or missing keys stop the start with one sentence, which holds no key."""

import base64
from pathlib import Path

import pytest

from domain.errors import VaultClosed
from storage.settings import Settings, WrongSettings
from storage.vault.data_keys import SealedKey
from storage.vault.key_encryption import KeyRing, key_ring
from tests.world.new_world import KEY

GOOD = base64.b64encode(KEY).decode()
SHORT = base64.b64encode(b"short").decode()


def ring_of(file: Path, text: str, *, mode: int = 0o600, current: str = "k1") -> KeyRing:
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return key_ring(Settings(vault_keys_file=file, vault_key_id=current, _env_file=None))


def test_a_file_may_hold_several_keys(tmp_path: Path):
    ring = ring_of(tmp_path / "keys", f"# first\n\nk0={GOOD}\nk1 = {base64.b64encode(bytes(32)).decode()}\n")

    assert ring.key_id == "k1"
    assert ring.derived("comments", key_id="k0") != ring.derived("comments")


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (f"k1={GOOD}", 0o640, "others than its owner may read it"),
        (f"k1={GOOD}", 0o604, "others than its owner may read it"),
        (f"k2={GOOD}", 0o600, "holds no key k1"),
        ("", 0o600, "holds no key k1"),
        ("k1", 0o600, "line 1 is not an id and a key of 32 bytes"),
        (f"k0={GOOD}\nk1={SHORT}", 0o600, "line 2 is not an id and a key of 32 bytes"),
        (f"={GOOD}", 0o600, "line 1 is not an id and a key of 32 bytes"),
        ("k1=not base64", 0o600, "line 1 is not id=key in base64"),
        ("k1=æ", 0o600, "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(tmp_path: Path, text: str, mode: int, says: str):
    with pytest.raises(WrongSettings, match=says) as refused:
        ring_of(tmp_path / "keys", text, mode=mode)

    assert str(refused.value).startswith("TILFLYT_VAULT_KEYS_FILE")
    assert GOOD not in str(refused.value)
    assert SHORT not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(WrongSettings, match="cannot be read"):
        key_ring(Settings(vault_keys_file=tmp_path / "nowhere", _env_file=None))


def test_no_key_at_all_is_refused():
    with pytest.raises(WrongSettings, match="TILFLYT_VAULT_KEY is not set"):
        key_ring(Settings(_env_file=None))


@pytest.mark.parametrize("sealed", [b"", b"x" * 11, b"x" * 60])
def test_a_key_that_was_not_sealed_here_is_refused(sealed: bytes):
    with pytest.raises(VaultClosed, match="not sealed with this key"):
        KeyRing({"k1": KEY}, current="k1").unwrap(SealedKey("k1", sealed), bound_to="x")

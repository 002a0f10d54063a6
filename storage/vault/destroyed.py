"""The families' destroyed keys, in a file that no backup of the databases holds.

Both databases restored together do not know which keys were destroyed since the backup; this file does. One line for
each key, `when key`; lines are added and never changed. Nobody can open what a key listed here sealed, and the key is
destroyed again wherever it comes back.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from domain.errors import TilflytError, VaultClosed
from storage.dialect import file_of
from storage.settings import Settings

ONLY_OWNER, ONLY_OWNER_LOOKS = 0o600, 0o700
# A line that a crash cut short is too short to match; its key was not destroyed yet, and the destruction is repeated.
_LINE = re.compile(r"(\S{19,32}) ([0-9a-f]{32})")
_SETTING = "TILFLYT_DESTROYED_FILE"


class NotWritten(TilflytError):
    """The file of destroyed keys cannot be written, so no key is destroyed."""

    code = "not_written"


class _Read(NamedTuple):
    """The file's content, and the file's state on disk when it was read."""

    seen: tuple[int, int, int] | None = None
    keys: Mapping[str, datetime] = {}


class DestroyedKeys:
    """The keys that were destroyed, by case, and when."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._read = _Read()

    def all(self) -> Mapping[str, datetime]:
        """Every key that the file lists now. `VaultClosed` when it cannot be read."""
        try:
            found = self.file.stat()
            seen = found.st_ino, found.st_size, found.st_mtime_ns
            if seen != self._read.seen:
                self._read = _Read(seen, dict(_keys_in(self.file.read_bytes())))
        except FileNotFoundError:
            self._read = _Read()
        except OSError as error:
            raise VaultClosed(f"{_SETTING}: {self.file} cannot be read: {error.strerror}") from None
        return self._read.keys

    def add(self, destroyed: Mapping[str, datetime]) -> None:
        """Record when keys are destroyed, durable through a crash; keys already listed keep their moment."""
        new = destroyed.keys() - self.all().keys()
        if not new:
            return
        try:
            self._append("".join(f"{destroyed[key].isoformat(timespec='seconds')} {key}\n" for key in sorted(new)))
        except OSError as error:
            why = f"{self.file} cannot be written: {error.strerror}"
            raise NotWritten(f"{_SETTING}: {why}; nothing was destroyed") from None

    def _append(self, lines: str) -> None:
        new = not self.file.exists()
        self.file.parent.mkdir(mode=ONLY_OWNER_LOOKS, parents=True, exist_ok=True)
        file = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, ONLY_OWNER)
        try:
            with suppress(OSError):
                os.fchmod(file, ONLY_OWNER)
            size = os.fstat(file).st_size
            # After a line that was cut short, begin a new line.
            begun = size > 0 and os.pread(file, 1, size - 1) != b"\n"
            written = (b"\n" if begun else b"") + lines.encode("ascii")
            if os.write(file, written) != len(written):
                raise OSError(0, "the disk is full")
            os.fsync(file)
        finally:
            os.close(file)
        if new:
            _keep_name(self.file.parent)


def _keep_name(folder: Path) -> None:
    """Make a new file's name durable through a crash too."""
    of_folder = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(of_folder)
    finally:
        os.close(of_folder)


def _keys_in(written: bytes) -> Iterable[tuple[str, datetime]]:
    for line in written.decode("ascii", "replace").splitlines():
        if (found := _LINE.fullmatch(line)) is not None:
            with suppress(ValueError):
                yield found[2], datetime.fromisoformat(found[1])


def destroyed_keys(settings: Settings) -> DestroyedKeys:
    """The file at the place set in the settings; else in a folder beside the keys' database, named for its purpose."""
    if settings.destroyed_file is not None:
        return DestroyedKeys(settings.destroyed_file)
    keys = file_of(settings.keys_url)
    beside = keys.parent if keys else Path("var")
    return DestroyedKeys(beside / "not-in-backup" / "destroyed-keys")

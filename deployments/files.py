"""How commands read the files that they are given, and write those that they are asked for.

An error is one sentence that names the file or folder. Only its owner may read a file that is written here.
"""

import codecs
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dotenv import dotenv_values, load_dotenv

from deployments.toml_places import line_of_fault
from domain.errors import Invalid

MOST_BYTES_OF_TOML = 4_000_000
MOST_BYTES_OF_A_FEED = 200_000_000
CHUNK_BYTES = 65_536
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
OWNER_ALONE, OWNER_ALONE_LOOKS = 0o600, 0o700


class FileOutOfReach(Invalid):
    """A file or folder cannot be read or written: which, and why."""

    code = "file_out_of_reach"


@contextmanager
def reached(path: Path) -> Iterator[None]:
    """Turn an error about a file or folder into `FileOutOfReach`."""
    try:
        yield
    except OSError as error:
        raise FileOutOfReach(str(path), error.strerror or type(error).__name__) from None


def chunks_of(path: Path, *, most: int = MOST_BYTES_OF_A_FEED) -> Iterator[bytes]:
    """A file, a piece at a time; `FileOutOfReach` when it is longer than `most` bytes."""
    read = 0
    with reached(path):
        file = path.open("rb")
    with file:
        while True:
            with reached(path):
                chunk = file.read(CHUNK_BYTES)
            if not chunk:
                return
            if (read := read + len(chunk)) > most:
                raise FileOutOfReach(str(path), f"longer than {most:,} bytes")
            yield chunk


def text_of(path: Path, *, most: int = MOST_BYTES_OF_A_FEED) -> str:
    """A text file in UTF-8, without the byte order mark that Windows editors write."""
    written = b"".join(chunks_of(path, most=most))
    if written.startswith(UTF_16):
        raise FileOutOfReach(str(path), "not UTF-8 but UTF-16: save it as UTF-8")
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise FileOutOfReach(str(path), f"not UTF-8, at line {line}: save it as UTF-8 (Windows: not ANSI)") from None


def toml_in(text: str, path: Path) -> dict[str, Any]:
    """The content of a TOML file, by its text."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileOutOfReach(f"{path}:{line_of_fault(error, text)}", f"no TOML: {error}") from None
    except RecursionError:
        raise FileOutOfReach(str(path), "lists or tables are nested too deeply") from None


def env_into_the_environment(file: Path = Path(".env")) -> None:
    """Read the settings file into the environment, when there is one."""
    try:
        with reached(file):
            # A byte order mark, which Windows editors write, would hide the first setting.
            load_dotenv(file, encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileOutOfReach(str(file), f"not UTF-8, at byte {error.start}") from None


def env_of(file: Path) -> dict[str, str | None]:
    """The content of a settings file; empty when there is none. The environment is not changed."""
    try:
        with reached(file):
            return dotenv_values(file)
    except UnicodeDecodeError as error:
        raise FileOutOfReach(str(file), f"not UTF-8, at byte {error.start}") from None


class NewFolder:
    """A folder that was just made, in which files are written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, *parts: bytes) -> None:
        """Write a file in it."""
        with self.writing(name) as write:
            for part in parts:
                write(part)

    @contextmanager
    def writing(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Write a file in it piece by piece."""
        path = self.path / name
        with reached(path):
            made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ALONE)
            file = os.fdopen(made, "wb")

        def write(part: bytes) -> None:
            with reached(path):
                file.write(part)

        try:
            yield write
        finally:
            with reached(path):
                file.close()


@contextmanager
def new_file(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Make a new file that only its owner may read; when writing fails, the file is deleted."""
    with reached(path):
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, OWNER_ALONE)
    try:
        with os.fdopen(made, "wb") as file:

            def write(part: bytes) -> None:
                with reached(path):
                    file.write(part)
                    file.flush()

            yield write
            with reached(path):
                # Some disks report that they are full only here.
                os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def gone_on_failure(path: Path) -> Iterator[None]:
    """Delete a file when the code in the block fails."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(path: Path) -> Iterator[NewFolder]:
    """Make a new folder in an existing one; when the code in the block fails, the folder is deleted."""
    with reached(path):
        path.mkdir(mode=OWNER_ALONE_LOOKS)
    try:
        yield NewFolder(path)
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise

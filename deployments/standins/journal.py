"""The journal of every request and letter that the stand-ins received, in order, one JSON line each."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self


class Journal:
    """A file that is only ever appended to, flushed with every line."""

    def __init__(self, path: Path) -> None:
        self._lines = path.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        """The journal, which is open already."""
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """Close the file."""
        self._lines.close()

    def write(self, kind: str, **facts: object) -> None:
        """Append a line: the time, the kind (`http` or `mail`) and the facts."""
        line = {"at": datetime.now(UTC).isoformat(), "kind": kind, **facts}
        self._lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._lines.flush()

"""Loads the same feeds with dlt's merge; run by the Python of `make dlt`, which has dlt and none of our code.

`python tests/benchmarks/dlt_night.py <database url> <feeds> <ports as JSON> <folder>` prints as JSON the seconds, the
rows and its peak memory in MiB.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    # As many feeds at once as ours. File sizes are left at dlt's defaults, which are fastest for so few rows.
    "EXTRACT__WORKERS": "4",
}

import dlt  # it reads its settings when it is imported


def at(url: str) -> dict[str, Any]:
    """A PostgreSQL URL by its parts; dlt puts a socket's folder back into a URL as it is, so that it is quoted here."""
    parsed = urlsplit(url)
    folder = quote(parse_qs(parsed.query)["host"][0], safe="")
    # dlt needs a password, and the server ignores it.
    return {"database": parsed.path[1:], "username": parsed.username, "password": "none", "host": folder, "port": 5432}


def main(url: str, feeds: int, ports: list[int], folder: str) -> dict[str, Any]:
    """One load of every feed into one table, by association and id."""
    read = 0

    @dlt.resource(name="vacancy", write_disposition="merge", primary_key=("association", "external_id"))
    def vacancies() -> Iterator[list[dict[str, Any]]]:
        nonlocal read
        for feed in range(feeds):
            with urlopen(f"http://127.0.0.1:{ports[feed % len(ports)]}/feed/{feed}") as answer:  # our own
                rows = json.load(answer)["vacancies"]
            read += len(rows)
            yield [{"association": f"forening-{feed}", **row} for row in rows]

    destination = dlt.destinations.sqlalchemy(url) if url.startswith("sqlite") else dlt.destinations.postgres(at(url))
    pipeline = dlt.pipeline("night", destination=destination, dataset_name="night", pipelines_dir=folder)
    began = time.perf_counter()
    pipeline.run(vacancies())
    seconds = time.perf_counter() - began
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return {"seconds": seconds, "rows": read, "peak_mib": int(found[1]) / 1024 if found else 0.0, "outcomes": {}}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4])))  # noqa: T201  # how it is told

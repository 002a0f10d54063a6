"""Local HTTP servers with feeds of vacancies, in a process of their own: `python -m tests.benchmarks.feed_server`.

Each feed has a path, the same on every port; `POST /night/<name>` switches all to another night. Prints its ports.
"""

import asyncio
import json
import sys
from hashlib import blake2b

PORTS = 4
MALFORMED_EVERY = 100
NIGHTS = ("first", "clean", "changed")


def row(feed: int, number: int) -> dict[str, object]:
    """An invented vacancy."""
    return {
        "external_id": f"{feed:03d}-{number:05d}",
        "lbf_number": f"{feed:04d}",
        "department_number": f"{number % 40 + 1}",
        "unit_number": str(number),
        "dar_address_id": f"{feed:08x}-0000-4000-8000-{number:012x}",
        "department": f"Åkanden {number % 40 + 1}",
        "municipality": "0461",
        "area": None,
        "rooms": number % 5 + 1,
        "size_m2": 50 + number % 60,
        "rent_monthly_ore": 500_000 + number * 7,
        "deposit_ore": 1_500_000,
        "available_from": f"2026-{number % 12 + 1:02d}-01",
        "floor": number % 6,
        "lift": number % 2 == 0,
        "step_free": number % 3 == 0,
        "pets": None,
        "persons_min": None,
        "persons_max": number % 6 + 1,
        "letting": ("ordinary", "flexible_letting", "municipal_assignment")[number % 3],
        "status": "vacant",
    }


def rows_of(feed: int, night: str, count: int) -> list[dict[str, object]]:
    """A feed's rows: 1 % malformed, unless `clean`; on the `changed` night 2 % are gone and 5 % cost more."""
    rows = [row(feed, number) for number in range(count)]
    if night != "clean":
        for number in range(0, count, MALFORMED_EVERY):
            rows[number]["rooms"] = "tre"
    if night == "changed":
        for number in range(1, count, 20):
            rows[number]["rent_monthly_ore"] = 600_000
        rows = [one for number, one in enumerate(rows) if number % 50 != 2]
    return rows


class Feeds:
    """The prepared answers of every feed for every night."""

    def __init__(self, feeds: int, count: int) -> None:
        self.night = NIGHTS[0]
        self.answers = {
            (feed, night): self._answer(rows_of(feed, night, count)) for feed in range(feeds) for night in NIGHTS
        }

    @staticmethod
    def _answer(rows: list[dict[str, object]]) -> tuple[bytes, bytes]:
        body = json.dumps({"format": "vacancy-feed/1", "vacancies": rows, "next": None}, ensure_ascii=False).encode()
        etag = b'"' + blake2b(body, digest_size=8).hexdigest().encode() + b'"'
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
        return etag, head % (etag, len(body)) + body

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        try:
            while line := await reader.readline():
                known = b""
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    if header.lower().startswith(b"if-none-match:"):
                        known = header.partition(b":")[2].strip()
                writer.write(self._told(line.split()[1].decode().strip("/").split("/"), known))
                await writer.drain()
        finally:
            writer.close()

    def _told(self, path: list[str], known: bytes) -> bytes:
        if path[0] == "night":
            self.night = path[1]
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        etag, answer = self.answers[int(path[1]), self.night]
        if known == etag:
            return b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % etag
        return answer


async def main(feeds: int, count: int) -> None:
    """Serve until killed."""
    served = Feeds(feeds, count)
    servers = [await asyncio.start_server(served.serve, "127.0.0.1", 0) for _ in range(PORTS)]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)  # noqa: T201  # how the ports are told
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))

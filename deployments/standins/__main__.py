"""`python -m deployments.standins`: the stand-ins as a process of their own, until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from deployments.standins.server import LOOPBACK, serving
from deployments.standins.world import load


def ordered() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m deployments.standins", description=__doc__)
    parser.add_argument("--world", type=Path, required=True, help="the world to start from, a JSON file")
    parser.add_argument("--journal", type=Path, required=True, help="where everything received is appended")
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--host", default=LOOPBACK)
    return parser.parse_args()


async def stand_in(order: argparse.Namespace) -> None:
    """Serve until told to stop, and say when ready."""
    world = load(order.world)
    ports = {"http_port": order.http_port, "smtp_port": order.smtp_port}
    async with serving(world, order.journal, host=order.host, **ports) as (doors, answers):
        sys.stdout.write(f"ready {doors.url} smtp://{doors.host}:{doors.smtp_port}\n")
        sys.stdout.flush()
        await answers


if __name__ == "__main__":
    # uvicorn stops at these by itself and then raises them again: to end so is to end well.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: None)
    asyncio.run(stand_in(ordered()))

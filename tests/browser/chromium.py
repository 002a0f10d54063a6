"""Chromium's command line, and the visitor's letters."""

from dataclasses import dataclass

import httpx

from tests.world.served import Asked
from tests.world.world import World

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Letters:
    """The endpoint's world, the whole link in each kind of letter, and the address of the inbox."""

    world: World
    origin: str
    links: dict[Asked, str]
    inbox: str

    def in_the_inbox(self, asked: Asked) -> str:
        """The address of the page with the letter that asks a question."""
        letters = httpx.get(f"{self.inbox}/messages").json()
        return next(f"{self.inbox}/messages/{one['n']}" for one in letters if self.links[asked] in one["text"])

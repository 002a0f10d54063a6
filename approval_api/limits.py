"""Limits on how often something is tried: unknown links, unknown tokens and logins are counted by address; answers
that were not recorded, by question.

A valid link always works: a whole municipality may share one address.
"""

import hashlib
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address, ip_network

from fastapi import Request
from sqlmodel import Session

from storage.clock import Clock
from storage.database import Database
from storage.limits import count, tried
from storage.settings import Settings

# The limit for logins as a multiple of that for unknown links: a whole municipality logs in from one address.
LOGINS_A_FAILED_LINK = 10


class Limits:
    """Counts what was tried, and returns how long to wait."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._within = timedelta(seconds=settings.limited_over_s)
        self._most = {
            "link": settings.failed_links_at_most,
            "login": LOGINS_A_FAILED_LINK * settings.failed_links_at_most,
            "push": settings.failed_links_at_most,
            "answer": settings.failed_answers_at_most,
        }

    def counted(self, what: str, whose: str) -> timedelta | None:
        """Count one more, or return how long to wait when there were too many already."""
        with self._database.reading() as session:
            wait = self.wait(session, what, whose)
        if wait is None:
            with self._database.writing() as session:
                self.count(session, what, whose)
        return wait

    def count(self, session: Session, what: str, whose: str) -> timedelta | None:
        """The same in a transaction that is already open. Ask `wait` before opening one only to count."""
        if (wait := self.wait(session, what, whose)) is None:
            count(session, key_of(what, whose), within=self._within, now=self._clock.now())
        return wait

    def wait(self, session: Session, what: str, whose: str) -> timedelta | None:
        """How long to wait; None when there were not too many."""
        times, left = tried(session, key_of(what, whose), now=self._clock.now())
        return left if times >= self._most[what] else None


def key_of(what: str, whose: str) -> str:
    """The key of a counter: a digest, so that no address or link is stored."""
    return hashlib.sha256(f"{what}|{whose}".encode()).hexdigest()


def address_of(request: Request) -> str:
    """The address by which a visitor is counted."""
    return counted_as(request.client.host if request.client else "")


def counted_as(host: str) -> str:
    """An IPv4 address itself, or the /64 network of an IPv6 address: one visitor has all addresses of that network."""
    with suppress(ValueError):
        found = ip_address(host.partition("%")[0])
        found = (found.ipv4_mapped if found.version == 6 else None) or found
        return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
    return "no address"

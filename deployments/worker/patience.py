"""A database that is away, as when it is started anew, delays whoever looks again and again, and loses nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from storage.database import DATABASE_IS_AWAY

PATIENCE_S = 1.0
SAID_AGAIN_AFTER_S = 60.0
log = structlog.get_logger()


class Patience:
    """Bears with a database that is away: said once, and once a minute while it lasts."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._said_at = 0.0

    @asynccontextmanager
    async def with_database(self) -> AsyncIterator[None]:
        """What needs the database; what fails for want of it is done again later by whoever looks again."""
        try:
            yield
        except DATABASE_IS_AWAY as error:
            self._away(type(error).__name__)
            await asyncio.sleep(PATIENCE_S)
        else:
            self._back()

    def _away(self, error: str) -> None:
        now = time.monotonic()
        if self._since is None or now - self._said_at >= SAID_AGAIN_AFTER_S:
            # Its text may hold the address, and with it a password.
            log.warning("the database is away, waiting for it", error=error)
            self._said_at = now
        self._since = self._since or now

    def _back(self) -> None:
        if self._since is not None:
            log.warning("the database is back", away_for_s=round(time.monotonic() - self._since))
        self._since = None

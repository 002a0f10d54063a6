"""Waiting while the database is away, as when it is restarted: work is delayed, and nothing is lost."""

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
    """Waits while the database is away, and logs it once, then once a minute."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._said_at = 0.0

    @asynccontextmanager
    async def with_database(self) -> AsyncIterator[None]:
        """Run the block; when the database is away, wait a second, and leave it to the caller's loop to try again."""
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
            # Without the error's text: it may hold the database's address with a password.
            log.warning("the database is away, waiting for it", error=error)
            self._said_at = now
        self._since = self._since or now

    def _back(self) -> None:
        if self._since is not None:
            log.warning("the database is back", away_for_s=round(time.monotonic() - self._since))
        self._since = None

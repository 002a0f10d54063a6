"""Waiting while Prefect's server is down: work is delayed, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from httpx import HTTPError
from prefect.exceptions import PrefectException

from deployments.worker.patience import PATIENCE_S

# Prefect raises a bare RuntimeError when its API does not answer.
PREFECT_IS_DOWN = (PrefectException, HTTPError, OSError, RuntimeError)
log = structlog.get_logger()


@asynccontextmanager
async def patience_with_prefect() -> AsyncIterator[None]:
    """Run the block; when Prefect does not answer, log it and wait a second."""
    try:
        yield
    except PREFECT_IS_DOWN as error:
        log.warning("prefect is not answering", error=type(error).__name__)
        await asyncio.sleep(PATIENCE_S)

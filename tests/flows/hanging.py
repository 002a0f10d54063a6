"""Flows for tests: one hangs outside any await, as with a mailbox that never answers; the other does nothing."""

import asyncio
import time

from prefect import flow


@flow(name="hanging", persist_result=False, timeout_seconds=1)
async def hang() -> None:
    await asyncio.to_thread(time.sleep, 3600)  # A flow that hangs is what is tested.


@flow(name="passing", persist_result=False, timeout_seconds=60)
async def pass_by() -> None:
    pass

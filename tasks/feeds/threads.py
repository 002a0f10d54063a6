"""Where a night computes and writes: beside the event loop, which reads feeds meanwhile, or within it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from storage.dialect import holds_up_the_loop
from tasks.platform import Platform

Told = TypeVar("Told")
Given = TypeVarTuple("Given")


async def off_the_loop(platform: Platform, deed: Callable[[*Given], Told], *given: *Given) -> Told:
    """Do something in a thread of its own, or in the event loop's where the two would make each other slow."""
    if holds_up_the_loop(platform.database.engine):
        return deed(*given)
    return await asyncio.to_thread(deed, *given)

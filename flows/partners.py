"""Does the same with every partner, so that one partner's failure does not affect the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from domain.errors import TilflytError

MOST_AT_ONCE = 4
Report = TypeVar("Report")


async def each_partner(
    deed: Callable[[str], Awaitable[Report]], partners: Sequence[str]
) -> tuple[list[Report], list[str]]:
    """The deed's result for each partner that answered, and the partners that did not answer."""
    room = asyncio.Semaphore(MOST_AT_ONCE)

    async def one(partner: str) -> Report:
        async with room:
            return await deed(partner)

    results = await asyncio.gather(*(one(partner) for partner in partners), return_exceptions=True)
    reports: list[Report] = []
    failed: list[str] = []
    for partner, result in zip(partners, results, strict=True):
        if isinstance(result, TilflytError):
            failed.append(f"{partner} ({result.code})")
        elif isinstance(result, BaseException):
            raise result
        else:
            reports.append(result)
    return reports, failed

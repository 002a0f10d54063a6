"""How a leg of the path becomes Prefect task runs: at most 25, one referral each on an ordinary day."""

import asyncio
from dataclasses import dataclass

from prefect import tags

from tasks.legs import LEGS, Due, LegReport
from tasks.runs import due_for, move_some

MOST_TASK_RUNS = 25
MOST_TAGS = 10


@dataclass(frozen=True, slots=True)
class LegOfPath:
    """A leg by its name; called, it moves every referral that is due."""

    name: str

    async def __call__(self) -> LegReport:
        """Move what is due and tell what moved and what stayed behind."""
        report = LegReport(self.name)
        found = await due_for(self.name)
        for part in await asyncio.gather(*(self._run(chunk) for chunk in chunks(found))):
            report.add(part)
        return report

    async def _run(self, chunk: list[Due]) -> LegReport:
        municipalities = sorted({f"municipality:{referral.municipality}" for referral in chunk})
        named = move_some.with_options(name=self.name, task_run_name=run_name(chunk))
        with tags(*municipalities[:MOST_TAGS]):
            return await named(self.name, [referral.id for referral in chunk])


def chunks(found: list[Due]) -> list[list[Due]]:
    """At most 25 parts of even size."""
    size = -(-len(found) // MOST_TASK_RUNS) or 1
    return [found[start : start + size] for start in range(0, len(found), size)]


def run_name(chunk: list[Due]) -> str:
    """`TF-2026-00042: seeking → proposed`, and how many more."""
    more = len(chunk) - 1
    return chunk[0].outlook + (f" and {more} more" if more else "")


(
    stop_withdrawn,
    admit_signed_off,
    put_offers_forward,
    release_requests,
    ask_families,
    disclose_identity,
    book_compensation,
    close_finished,
) = (LegOfPath(leg.name) for leg in LEGS)

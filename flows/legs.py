"""How a leg of the path becomes Prefect task runs: one referral each on an ordinary day, many when many are due."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tasks.path.moves import Due, LegReport
from tasks.runs import due_for, move_some

# People read a few task runs, so these carry one case each; nobody reads many, and a task run costs more than a move.
READ_ONE_BY_ONE = 4
MANY = 50
MOST_TASK_RUNS = 25

MoveSome = Callable[..., Awaitable[LegReport]]


@dataclass(frozen=True, slots=True)
class LegOfPath:
    """A leg, by its name; calling it moves every referral that is due."""

    name: str

    async def __call__(self) -> LegReport:
        """Move the due referrals; returns what moved and what stayed behind."""
        found = await due_for(self.name)
        report = LegReport(self.name, municipalities={referral.municipality for referral in found})
        if not found:
            return report
        run = move_some.with_options(name=self.name, task_run_name="{outlook}")
        for part in await asyncio.gather(*(self._run(run, chunk) for chunk in chunks(found))):
            report.add(part)
        return report

    async def _run(self, run: MoveSome, chunk: list[Due]) -> LegReport:
        return await run(self.name, [referral.id for referral in chunk], outlook=run_name(chunk))


def chunks(found: list[Due]) -> list[list[Due]]:
    """One referral each while there are few; else parts of fifty, and at most 25 parts."""
    size = 1 if len(found) <= READ_ONE_BY_ONE else max(MANY, -(-len(found) // MOST_TASK_RUNS))
    return [found[start : start + size] for start in range(0, len(found), size)]


def run_name(chunk: list[Due]) -> str:
    """`TF-2026-00042: seeking → proposed`, and how many more."""
    more = len(chunk) - 1
    return chunk[0].outlook + (f" and {more} more" if more else "")


stop_withdrawn = LegOfPath("stop_withdrawn")
admit_signed_off = LegOfPath("admit_signed_off")
put_offers_forward = LegOfPath("put_offers_forward")
release_requests = LegOfPath("release_requests")
ask_families = LegOfPath("ask_families")
hear_families = LegOfPath("hear_families")
disclose_identity = LegOfPath("disclose_identity")
book_compensation = LegOfPath("book_compensation")
close_finished = LegOfPath("close_finished")

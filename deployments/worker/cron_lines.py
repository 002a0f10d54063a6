"""Checks cron lines and computes their times with Prefect's own code, which will run them. Times are Copenhagen's.

Prefect is imported only when a line is checked.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

COPENHAGEN = "Europe/Copenhagen"
FIELDS = 5
LONGEST = 100


def fault_of(cron: str) -> str | None:
    """Why a line cannot be a schedule; None when it can."""
    # Prefect accepts more: words such as @daily, and a sixth field for seconds, which other programs put first.
    if len(cron) > LONGEST or len(cron.split()) != FIELDS:
        return "is no cron line: five fields, minute hour day month weekday, such as `5 4 * * 1-5`"
    try:
        # In a thread, because the caller may run in an event loop already.
        with ThreadPoolExecutor(1) as beside:
            beside.submit(asyncio.run, due_after(cron, datetime.now(UTC))).result()
    except Exception:  # whatever the library raises, the line is at fault
        return "is no cron line that Prefect can run, or never comes due"
    return None


async def due_after(cron: str, moment: datetime) -> datetime:
    """The next moment after this one at which a line is due."""
    from prefect.server.schemas.schedules import CronSchedule  # noqa: PLC0415  # it takes a second

    schedule = CronSchedule(cron=cron, timezone=COPENHAGEN)
    later = [found for found in await schedule.get_dates(n=2, start=moment) if found > moment]
    if not later:
        raise ValueError("never comes due")
    return datetime.fromtimestamp(later[0].timestamp(), UTC)

"""The tags of a flow run, by which staff find it in the Prefect UI."""

from collections.abc import Collection

from prefect import get_client
from prefect.runtime import flow_run


async def tag_run(tags: Collection[str]) -> None:
    """Have the run found by what it looked at: `municipality:0461`, `association:havblik`.

    The run and not its tasks: for every task that bears a tag Prefect asks its server for a place under the tag's
    limit, and waits two seconds when that is busy.
    """
    async with get_client() as client:
        await client.update_flow_run(flow_run.id, tags=sorted({*flow_run.tags, *tags}))

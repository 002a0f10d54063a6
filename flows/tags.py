"""The tags by which staff find a flow run in the Prefect UI."""

from collections.abc import Collection

from prefect import get_client
from prefect.runtime import flow_run


async def tag_run(tags: Collection[str]) -> None:
    """Tag the run with what it looked at: `municipality:0461`, `association:havblik`.

    Only the run is tagged, not its tasks: for every tagged task Prefect asks its server for a slot under the tag's
    limit, and waits two seconds when the server is busy.
    """
    async with get_client() as client:
        await client.update_flow_run(flow_run.id, tags=sorted({*flow_run.tags, *tags}))

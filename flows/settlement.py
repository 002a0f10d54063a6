"""Settlement: a month is settled by itself when its day has come, and the parties are asked whether they approve it."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.runs import ask_parties, hear_parties, settle_last_month


@flow(name="settlement", persist_result=False, timeout_seconds=30 * 60)
async def settle_and_ask() -> State[None]:
    """Settle the month before, once; ask each party about its statement, once; act on what was answered."""
    settled, asked, heard = await settle_last_month(), await ask_parties(), await hear_parties()
    table = [{"month and party": one, "what": "asked"} for one in asked]
    table += [{"month and party": one, "what": "an answer was acted on"} for one in heard]
    if table:
        await acreate_table_artifact(table=table, key="settlement", description="Months and the parties' approval")
    told = f"{settled:%Y-%m} is settled" if settled is not None else "no month to settle"
    return Completed(message=f"{told}, {len(asked)} parties asked")

"""The nightly sync that nobody watches: what every housing association has vacant."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.partners import each_partner
from tasks.runs import parties_to_poll, sync


@flow(name="vacancy-sync", persist_result=False)
async def sync_vacancies() -> State[None]:
    """Fetch and apply every association's feed; a silent one leaves its last good snapshot standing."""
    _, associations = await parties_to_poll()
    nights, silent = await each_partner(sync, associations)
    table = [
        {
            "association": night.association,
            "rows": night.rows,
            "appeared": night.appeared,
            "changed": night.changed,
            "vanished": night.vanished,
            "outcome": night.outcome,
            "in quarantine": night.quarantined,
            "held back because": ", ".join(night.why),
        }
        for night in nights
    ]
    if table:
        await acreate_table_artifact(table=table, key="vacancy-sync", description="The night, feed by feed")
    told = f"{len(nights)} of {len(associations)} feeds applied"
    return Failed(message=f"{told}; silent: {', '.join(silent)}") if silent else Completed(message=told)

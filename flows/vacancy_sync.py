"""The nightly sync that nobody watches: what every housing association has vacant."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from domain.parties.party import association, municipality
from flows.partners import each_partner
from flows.tags import tag_run
from tasks.feeds.verdict import Night
from tasks.runs import apply_ready, feeds_to_sync, forget_abandoned_loads, operations_page, sync, where_homes_lie


# Ends before people come to work, even when a feed asks for the longest wait at each try.
@flow(name="vacancy-sync", persist_result=False, timeout_seconds=3 * 60 * 60)
async def sync_vacancies(association: str | None = None) -> State[None]:
    """Fetch every association's feed, and apply it or hold it back; for a silent one the last good snapshot stays.

    With `association`, only that one, whose feed has a schedule of its own.
    """
    await forget_abandoned_loads()
    associations = [association] if association else await feeds_to_sync()
    nights, silent = await each_partner(sync, associations)
    await tell(nights)
    well, told = summary(nights, silent)
    return Completed(message=told) if well else Failed(message=told)


@flow(name="accepted-feeds", persist_result=False, timeout_seconds=60 * 60)
async def apply_accepted_feeds() -> State[None]:
    """Apply what associations sent themselves, what was replayed, and what a person accepted."""
    nights = await apply_ready()
    await tell(nights)
    return Completed(message=f"{len(nights)} loads applied")


def summary(nights: list[Night], silent: list[str]) -> tuple[bool, str]:
    """Whether the night went well, and its closing sentence: who was silent, and whose feed waits for a person."""
    held = [f"{night.association} ({', '.join(night.why)})" for night in nights if night.why]
    told = f"{len(nights) - len(held)} of {len(nights) + len(silent)} feeds applied"
    troubles = {"silent": silent, "held back": held}
    told += "".join(f"; {what}: {', '.join(feeds)}" for what, feeds in troubles.items() if feeds)
    return not silent and not held, told


async def tell(nights: list[Night]) -> None:
    """The table that staff look at."""
    table = [
        {
            "association": night.association,
            "outcome": night.outcome,
            "rows": night.rows,
            "appeared": night.appeared,
            "changed": night.changed,
            "vanished": night.vanished,
            "in quarantine": night.quarantined,
            "held back because": ", ".join(night.why),
        }
        for night in nights
    ]
    if table:
        told = f"The night, feed by feed. How everything stands: [{operations_page()}]({operations_page()})"
        await acreate_table_artifact(table=table, key="vacancy-sync", description=told)
        synced = [night.association for night in nights]
        lie_in = await where_homes_lie(synced)
        await tag_run([*(association(one) for one in synced), *(municipality(code) for code in lie_in)])

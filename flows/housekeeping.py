"""Housekeeping: what is known about families is mended, warned of, and shredded when its time is over."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from tasks.retention import HouseKept
from tasks.runs import keep_house


def said(found: HouseKept) -> tuple[tuple[str, list[str]], ...]:
    """What was done, in staff's words, and the cases that it was done for."""
    return (
        ("shredded", found.shredded),
        ("time is near, the archive must take it over", found.warned),
        ("time is over, the archive has not taken it over", found.waiting),
        ("shredded and still there", found.not_gone),
    )


@flow(name="housekeeping", persist_result=False)
async def mind_the_house() -> State[None]:
    """Mend what a crash has left of the vault, and let go of whom nobody may know any more."""
    found = await keep_house()
    table = [{"case": reference, "what": what} for what, references in said(found) for reference in references]
    if table:
        await acreate_table_artifact(table=table, key="housekeeping", description="Retention, case by case")
    told = f"{len(found.shredded)} shredded, {len(found.waiting)} wait for the archive, {found.mended} mended"
    if found.unused:
        told += f", {found.unused} keys sealed nothing (tilflyt vault sweep)"
    if found.lost or found.not_gone:
        return Failed(message=f"{told}; {found.lost} entries have lost their key, {len(found.not_gone)} are not gone")
    return Completed(message=told)

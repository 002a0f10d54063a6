"""Housekeeping: consents are followed to their end, and data whose retention has ended are shredded."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from tasks.runs import ask_again, follow_consents, keep_house
from tasks.upkeep.consents import ConsentsFollowed
from tasks.upkeep.retention import HouseKept


def said(followed: ConsentsFollowed, found: HouseKept) -> tuple[tuple[str, list[str]], ...]:
    """What was done, in staff's words, with the cases that it was done for."""
    return (
        ("its consent has ended, the case is stopped", followed.stopped),
        ("its consent ends soon", followed.warned),
        ("its consent could not be followed, the next night tries again", followed.failed),
        ("its data are shredded", found.shredded),
        ("time is near, the archive must take it over", found.warned),
        ("time is over, the archive has not taken it over", found.waiting),
        ("its data should be shredded and are still there", found.not_gone),
    )


@flow(name="housekeeping", persist_result=False, timeout_seconds=2 * 60 * 60)
async def mind_the_house() -> State[None]:
    """Follow consents to their end, mend the vault, shred data whose time is over, and ask again what still waits."""
    followed, found, asked = await follow_consents(), await keep_house(), await ask_again()
    told_of = said(followed, found)
    table = [{"case": reference, "what": what} for what, references in told_of for reference in references]
    if table:
        await acreate_table_artifact(
            table=table, key="housekeeping", description="Consents and retention, case by case"
        )
    told = f"data of {len(found.shredded)} cases shredded, {len(found.waiting)} wait for the archive"
    told += f", {found.mended} mended"
    told += f"; {len(followed.stopped)} consents have ended" if followed.stopped else ""
    told += f"; {asked} that wait for a person are on the list again" if asked else ""
    if found.unused:
        told += f", {found.unused} keys sealed nothing (tilflyt vault sweep)"
    if found.lost or found.not_gone or followed.failed:
        told += f"; {found.lost} entries have lost their key, {len(found.not_gone)} cases' data are not gone"
        return Failed(message=f"{told}, {len(followed.failed)} consents could not be followed")
    return Completed(message=told)

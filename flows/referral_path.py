"""The path: from a flagged family to booked compensation, one run at a time."""

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from domain.parties.party import municipality
from flows.legs import (
    admit_signed_off,
    ask_families,
    book_compensation,
    close_finished,
    disclose_identity,
    hear_families,
    put_offers_forward,
    release_requests,
    stop_withdrawn,
)
from flows.tags import tag_run
from tasks.path.moves import LegReport
from tasks.runs import anything_is_due

MOST_NAMED = 5
# Referrals that became due meanwhile move in the same run, which saves another run; the limit ends it in sight.
MOST_ROUNDS = 10


@flow(name="referral-path", persist_result=False, timeout_seconds=30 * 60)
async def carry_referrals_forward() -> State[None]:
    """Carry every referral that can move to its next resting place, and put the letters about it in the outbox."""
    moved: list[LegReport] = []
    for _ in range(MOST_ROUNDS):
        moved += [
            await leg()
            for leg in (
                stop_withdrawn,
                admit_signed_off,
                put_offers_forward,
                release_requests,
                ask_families,
                hear_families,
                disclose_identity,
                book_compensation,
                close_finished,
            )
        ]
        if not await anything_is_due():
            break
    return await report(moved)


async def report(legs: list[LegReport]) -> State[None]:
    """Completed when every referral moved or rests; failed, with their references, when some stayed behind."""
    rows = [
        {"case": moved.reference, "leg": leg.leg, "from": moved.was, "to": moved.now, "problem": ""}
        for leg in legs
        for moved in leg.moved
    ]
    failed = {reference: (leg.leg, code) for leg in legs for reference, code in leg.failed.items()}
    rows += [
        {"case": reference, "leg": leg, "from": "", "to": "", "problem": code}
        for reference, (leg, code) in failed.items()
    ]
    if rows:
        await acreate_table_artifact(table=rows, key="referral-path", description=summary(len(rows), failed))
        await tag_run({municipality(code) for leg in legs for code in leg.municipalities})
    if failed:
        return Failed(message=summary(len(rows), failed))
    return Completed(message=summary(len(rows), failed))


def summary(looked_at: int, failed: dict[str, tuple[str, str]]) -> str:
    """`2 of 40 need attention: TF-2026-00042, TF-2026-00043`, or how many were carried forward."""
    if not failed:
        return f"{looked_at} looked at, none stayed behind"
    named = ", ".join(list(failed)[:MOST_NAMED]) + (" …" if len(failed) > MOST_NAMED else "")
    return f"{len(failed)} of {looked_at} need attention: {named}"

"""When each flow runs by itself, as Prefect deployments. Times are Copenhagen's."""

import os
from collections.abc import Mapping
from typing import Any

from prefect.flows import Flow
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.deadlines import mind_deadlines
from flows.housekeeping import mind_the_house
from flows.intake import take_in_flagged_families
from flows.referral_path import carry_referrals_forward
from flows.returned_mail import mind_returned_mail
from flows.vacancy_sync import sync_vacancies
from storage.settings import Settings

COPENHAGEN = "Europe/Copenhagen"


def schedules(settings: Settings, feeds: Mapping[str, str | None]) -> list[tuple[Flow[..., Any], str, str]]:
    """Each flow with its deployment's name and its cron line.

    `feeds` are the associations with a feed, each with its own cron line if it has one: a deployment of its name then.
    """
    own = [(sync_vacancies, association, cron) for association, cron in feeds.items() if cron]
    mailbox = [(mind_returned_mail, "mailbox", "2-59/5 * * * *")] if settings.imap_host else []
    # No two in the same minute: a Prefect server on SQLite bears badly with runs that start at the same instant.
    return [
        # The warm worker carries referrals at once; this sparse run is the net under it.
        (carry_referrals_forward, "net", "4-59/10 * * * *"),
        (take_in_flagged_families, "poll", f"*/{settings.intake_every_minutes} * * * *"),
        (sync_vacancies, "night", "18 2 * * *"),
        (mind_the_house, "every-night", "41 3 * * *"),
        (mind_deadlines, "hourly", "8 7-17 * * *"),
        *mailbox,
        *own,
    ]


async def runner_with_deployments(settings: Settings, feeds: Mapping[str, str | None]) -> Runner:
    """A runner that has registered every deployment and will run it on its schedule."""
    runner = Runner(name="tilflyt", pause_on_shutdown=False, limit=2)
    for flow, name, cron in schedules(settings, feeds):
        deployment = await flow.ato_deployment(
            name,
            schedule=Cron(cron, timezone=COPENHAGEN),
            parameters={"association": name} if name in feeds else {},
            # Two syncs at once would count a missing vacancy as missed twice. Of the others a second run finds
            # nothing to do, and a place under a limit is one more thing that Prefect may be slow to give back.
            concurrency_limit=1 if flow is sync_vacancies else None,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        await runner.aadd_deployment(deployment)
    return runner


def quiet_prefect() -> None:
    """Keep Prefect from reporting on us to its makers, whatever the environment forgot."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

"""Sets up every schedule at Prefect's server; doing it twice, or by two workers at once, changes nothing.

A deployment that is right already is not written again, because Prefect would delete the runs that it has planned. A
wrong cron line or association stops no other.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.deployments.runner import DeploymentApplyError
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from deployments.worker.cron_lines import COPENHAGEN, due_after, fault_of
from deployments.worker.schedules import FLOWS, Scheduled
from storage.database import Database
from storage.operations.schedules import (
    ask_about_refused,
    forget_refused,
    forget_schedules,
    remember_schedule,
)

A_PAGE = 200
# How long after its limit a run counts as late: a run that was cut off has been planned again by then.
PATIENCE = timedelta(minutes=10)
_ITS_OWN_FAULT = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
log = structlog.get_logger()


async def register(client: PrefectClient, database: Database, wanted: Iterable[Scheduled]) -> dict[UUID, Scheduled]:
    """Set up the wanted schedules and delete all others; returns those that are set up, by their deployment's id."""
    known = {f"{flow}/{one.name}": one for flow, one in await _deployments(client)}
    kept: dict[UUID, Scheduled] = {}
    refused: dict[str, str] = {}
    for one in wanted:
        there = known.get(one.name)
        if fault := await _fault(one, kept.values()):
            refused[one.name] = fault
        elif there and is_as_it_should_be(there, one):
            kept[there.id] = one
        else:
            try:
                kept[await _set_up(one)] = one
            except (ValueError, DeploymentApplyError) as error:
                if _is_down(error):
                    raise
                refused[one.name] = f"Prefect does not take it: {type(error.__cause__ or error).__name__}"
    await _remember(database, kept.values(), refused)
    names = {one.name for one in kept.values()}
    for gone in [one for name, one in known.items() if name not in names]:
        # Another worker may have deleted it already.
        with suppress(ObjectNotFound):
            await client.delete_deployment(gone.id)
    return kept


async def _fault(one: Scheduled, kept: Iterable[Scheduled]) -> str | None:
    if any(other.name == one.name for other in kept):
        return "another schedule has the same name"
    return await asyncio.to_thread(fault_of, one.cron)


async def _remember(database: Database, kept: Iterable[Scheduled], refused: Mapping[str, str]) -> None:
    now = datetime.now(UTC)
    due_by = [(one, await next_due_by(one, now)) for one in kept]
    with database.writing() as session:
        for one, moment in due_by:
            remember_schedule(session, one.name, one.cron, due_by=moment)
        forget_schedules(session, but={one.name for one, _ in due_by}, now=now)
        for name, why in refused.items():
            ask_about_refused(session, name, why, now=now)
        forget_refused(session, but=refused.keys(), now=now)


def _is_down(error: Exception) -> bool:
    """Whether an error is due to the server, and not to the deployment that it was given."""
    if not isinstance(error, DeploymentApplyError):
        return False
    cause = error.__cause__
    return not isinstance(cause, PrefectHTTPStatusError) or cause.response.status_code not in _ITS_OWN_FAULT


async def next_due_by(one: Scheduled, now: datetime) -> datetime:
    """The moment by which the next run of a schedule must have ended."""
    return await due_after(one.cron, now) + one.limit + PATIENCE


async def _deployments(client: PrefectClient) -> list[tuple[str, DeploymentResponse]]:
    """Every deployment of our flows, with its flow's name."""
    ours = FlowFilter(name=FlowFilterName(any_=[flow.name for flow in FLOWS]))
    names = {flow.id: flow.name for flow in await client.read_flows(flow_filter=ours)}
    found: list[tuple[str, DeploymentResponse]] = []
    while names:
        page = await client.read_deployments(flow_filter=ours, limit=A_PAGE, offset=len(found))
        found += [(names[one.flow_id], one) for one in page]
        if len(page) < A_PAGE:
            break
    return found


def is_as_it_should_be(there: DeploymentResponse, one: Scheduled) -> bool:
    """Whether a deployment is as it would be set up now; a person may have paused it, and that stays."""
    return _told(there) == (
        [{"cron": one.cron, "timezone": COPENHAGEN}],
        dict(one.parameters),
        entrypoint_of(one),
        None,
    )


def _told(there: DeploymentResponse) -> tuple[list[dict[str, Any]], dict[str, Any], str | None, int | None]:
    schedules = [one.schedule.model_dump(include={"cron", "timezone"}) for one in there.schedules if one.active]
    return schedules, there.parameters, there.entrypoint, _limit(there)


def _limit(there: DeploymentResponse) -> int | None:
    # No limit of Prefect's is used: after a crash it stays taken, but a turn in our own database ends by itself.
    limit = there.global_concurrency_limit
    return limit.limit if limit else None


def entrypoint_of(one: Scheduled) -> str:
    """The name by which Prefect imports the flow."""
    return f"{one.flow.fn.__module__}.{one.flow.fn.__name__}"


async def _set_up(one: Scheduled) -> UUID:
    deployment = await one.flow.ato_deployment(
        one.deployment,
        schedule=Cron(one.cron, timezone=COPENHAGEN),
        parameters=dict(one.parameters),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    log.info("set up", schedule=one.name, cron=one.cron)
    return await deployment.aapply()

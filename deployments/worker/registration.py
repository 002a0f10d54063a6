"""Every schedule set up at Prefect's server, once: the same whoever asks and however often.

A worker that starts changes nothing when all is as it should be; else Prefect would let go of the runs that it has
planned. What one line or one association has wrong stops no other.
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
# After its limit, before anybody is told: the worker looks a few times, and a run is planned again.
PATIENCE = timedelta(minutes=10)
_ITS_OWN_FAULT = (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
log = structlog.get_logger()


async def register(client: PrefectClient, database: Database, wanted: Iterable[Scheduled]) -> dict[UUID, Scheduled]:
    """Set up what is wanted and take down what is not; each by the id of its deployment."""
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
        # Another worker may have been quicker.
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
    """Whether an error tells of the server and not of what it was asked for."""
    if not isinstance(error, DeploymentApplyError):
        return False
    cause = error.__cause__
    return not isinstance(cause, PrefectHTTPStatusError) or cause.response.status_code not in _ITS_OWN_FAULT


async def next_due_by(one: Scheduled, now: datetime) -> datetime:
    """By when a schedule must have run to its end, when it has until now."""
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
    """Whether a deployment says what it would say if it were set up now. That a person has paused it is theirs."""
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
    # A place under a limit is kept by whoever crashes with it; the turns in our own database are not.
    limit = there.global_concurrency_limit
    return limit.limit if limit else None


def entrypoint_of(one: Scheduled) -> str:
    """Where Prefect finds the flow."""
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

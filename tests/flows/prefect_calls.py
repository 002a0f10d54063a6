"""Calls to a real Prefect server, and the rows of our own database."""

from datetime import datetime
from typing import Any

import httpx
from sqlmodel import select

from deployments.demo.stage import Stage
from deployments.progress import until
from storage.database import Database
from storage.operations.schedules import Schedule, all_schedules
from storage.referrals.referrals import Referral

LOGIN = "staff:secret"


def referrals(stage: Stage) -> list[Referral]:
    with stage.database.reading() as session:
        return list(session.exec(select(Referral)))


def calling(stage: Stage, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    url = f"{stage.prefect_url}/api/{path}"
    answer = httpx.request(method, url, json=body, auth=("staff", "secret"), trust_env=False)
    return answer.raise_for_status().json() if answer.content else None


def asked(stage: Stage, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    return calling(stage, "POST", f"{path}/filter", body)


def ended_runs(stage: Stage, flow: str) -> list[dict[str, Any]]:
    done = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "flows": {"name": {"any_": [flow]}}}
    return asked(stage, "flow_runs", done)


def planned(stage: Stage, deployment: str) -> list[str]:
    """The ids of the planned runs of a deployment."""
    body = {
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        "deployments": {"name": {"any_": [deployment]}},
        "sort": "EXPECTED_START_TIME_ASC",
    }
    return [run["id"] for run in asked(stage, "flow_runs", body) if run["auto_scheduled"]]


def bring_forward(stage: Stage, deployment: str, *moments: datetime) -> list[str]:
    """Have the next planned runs of a deployment come due at other moments."""
    with_a_server = lambda: planned(stage, deployment) if len(planned(stage, deployment)) >= len(moments) else None  # noqa: E731
    runs = until(with_a_server)[: len(moments)]
    for run, moment in zip(runs, moments, strict=True):
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": moment.isoformat()}}
        calling(stage, "POST", f"flow_runs/{run}/set_state", {"state": state, "force": True})
    return runs


def states(stage: Stage, runs: list[str]) -> list[str]:
    return [calling(stage, "GET", f"flow_runs/{run}")["state_name"] for run in runs]


def kept(database: Database) -> list[Schedule]:
    with database.reading() as session:
        return all_schedules(session)

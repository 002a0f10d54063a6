"""Metrics for Prometheus: the age of the feeds, and how much waits. Codes and counts, never data about a family."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from approval_api.bearer import shows
from approval_api.endpoint import Endpoint
from storage.attention import open_items
from storage.migrate import newest_version, version_of
from storage.operations.overview import (
    FeedState,
    feed_states,
    outbox_waiting,
    questions_by_age,
    questions_waiting,
    referrals_by_status,
)
from storage.operations.schedules import all_schedules
from storage.restored.watermark import WentBack, marks_of, refuse_if_gone_back


class State(Collector):
    """All metrics at one moment, as gauges: a missed scrape loses nothing."""

    def __init__(self, session: Session, *, now: datetime) -> None:
        self._session = session
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Each figure with its labels."""
        yield from self._of_feeds(feed_states(self._session, now=self._now))
        outbox = outbox_waiting(self._session)
        yield GaugeMetricFamily("tilflyt_outbox_waiting", "Letters and calls still to be sent.", value=outbox.count)
        yield GaugeMetricFamily(
            "tilflyt_outbox_age_seconds", "How long the oldest of them has waited.", value=self._age(outbox.since) or 0
        )
        yield from self._of_questions()
        cases = GaugeMetricFamily("tilflyt_referrals", "Cases by status.", labels=["status"])
        for status, count in referrals_by_status(self._session).items():
            cases.add_metric([status], count)
        yield cases
        late = GaugeMetricFamily(
            "tilflyt_schedule_late", "1 while a schedule has not run when it should have.", labels=["schedule"]
        )
        for one in all_schedules(self._session):
            # Schedules follow the machine's clock, not the demo's.
            late.add_metric([one.name], one.is_late(now=datetime.now(UTC)))
        yield late
        items = len(open_items(self._session))
        yield GaugeMetricFamily("tilflyt_attention_items", "What needs a person.", value=items)

    def _age(self, since: datetime | None) -> float | None:
        return (self._now - since).total_seconds() if since else None

    def _of_feeds(self, states: list[FeedState]) -> Iterator[Metric]:
        by_feed = ["association"]
        age = GaugeMetricFamily(
            "tilflyt_feed_age_seconds", "Since when we last knew what is vacant; infinite when never.", labels=by_feed
        )
        held = GaugeMetricFamily("tilflyt_feed_held", "1 while a feed waits for a person.", labels=by_feed)
        homes = GaugeMetricFamily("tilflyt_vacancies_available", "Homes that can be had.", labels=by_feed)
        kept = GaugeMetricFamily("tilflyt_quarantine_rows", "Rows that break the contract.", labels=by_feed)
        rows = GaugeMetricFamily("tilflyt_feed_rows", "Rows of the last night.", labels=[*by_feed, "outcome"])
        changes = GaugeMetricFamily(
            "tilflyt_feed_changes", "What the last night did to the vacancies.", labels=[*by_feed, "change"]
        )
        for state in states:
            name, last, known = state.association.id, state.last, self._age(state.last_good_at)
            age.add_metric([name], math.inf if known is None else known)
            held.add_metric([name], state.held)
            homes.add_metric([name], state.available)
            kept.add_metric([name], state.in_quarantine)
            if last is not None:
                rows.add_metric([name, "good"], last.rows - last.quarantined)
                rows.add_metric([name, "quarantined"], last.quarantined)
                for change in ("appeared", "changed", "vanished"):
                    changes.add_metric([name, change], getattr(last, change))
        yield from (age, held, homes, kept, rows, changes)

    def _of_questions(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "tilflyt_questions_waiting", "Open questions, by how long they have waited.", labels=["kind", "age"]
        )
        for kind, age, count in questions_by_age(self._session, now=self._now):
            waiting.add_metric([kind, age], count)
        overdue = GaugeMetricFamily("tilflyt_questions_overdue", "Questions past their deadline.", labels=["kind"])
        for one in questions_waiting(self._session, now=self._now):
            overdue.add_metric([one.kind], one.overdue)
        yield from (waiting, overdue)


def metrics_routes(endpoint: Endpoint) -> APIRouter:
    """`/metrics`, which needs the token, and `/readyz`, for the system that starts and stops this process."""
    router = APIRouter()
    needed, marks = newest_version(), marks_of(endpoint.settings)

    @router.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        token = endpoint.settings.metrics_token
        if token is None:
            return PlainTextResponse("not set up", HTTPStatus.NOT_FOUND)
        shown = request.headers.get("authorization", "")
        if not shows(shown, token.get_secret_value()):
            return PlainTextResponse("a bearer token is needed", HTTPStatus.UNAUTHORIZED)
        registry = CollectorRegistry(auto_describe=False)
        with endpoint.database.reading() as session:
            registry.register(State(session, now=endpoint.clock.now()))
            return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @router.head("/readyz", include_in_schema=False)
    @router.get("/readyz")
    def ready() -> Response:
        try:
            here = version_of(endpoint.database)
        except SQLAlchemyError as error:
            return PlainTextResponse(f"database: {type(error).__name__}", HTTPStatus.SERVICE_UNAVAILABLE)
        if here != needed:
            told = f"migrations: at {here}, {needed} is needed"
            return PlainTextResponse(told, HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            refuse_if_gone_back(endpoint.database, marks)
        except WentBack as error:
            return PlainTextResponse(f"{error.code}: run `tilflyt restored`", HTTPStatus.SERVICE_UNAVAILABLE)
        return PlainTextResponse("ok")

    return router

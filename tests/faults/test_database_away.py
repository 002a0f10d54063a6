"""PostgreSQL is restarted, as an operator does any day: every process waits for it, logs it once, and goes on."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest
from structlog.testing import capture_logs

from deployments.progress import until
from deployments.worker.deliverer import Deliverer
from deployments.worker.served_schedules import ServedSchedules
from deployments.worker.worker import Worker
from domain.questions.question import QuestionKind
from tests.world.databases.own_postgres import OwnPostgres
from tests.world.families import family
from tests.world.served import browsing, serving, settings_of
from tests.world.world import World


class WorkerWithoutPrefect(Worker):
    """The worker, except that it runs the path without Prefect."""

    world: World

    async def carry(self) -> None:
        await asyncio.to_thread(self.world.carry, 1)


class WithoutPrefect(ServedSchedules):
    """Schedules that are not served, but reported when they are late."""

    async def _with_prefect(self, runs: object) -> None:
        await asyncio.Event().wait()


@contextmanager
def at_work(one: Worker | Deliverer) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=lambda: asyncio.run(one.work()))
    thread.start()
    try:
        yield thread
    finally:
        one.stopping.set()
        thread.join()


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
def test_worker_deliverer_and_endpoint_wait_for_a_server_that_is_started_anew(world: World, postgres: OwnPostgres):
    settings = settings_of(world)
    worker, deliverer = WorkerWithoutPrefect(world.platform, settings), Deliverer(world.platform, settings)
    worker.world, worker.schedules = (
        world,
        WithoutPrefect(world.platform, settings, worker._patience, worker=worker.name),
    )
    with capture_logs() as logs, serving(world) as origin, browsing(origin) as http:

        def told(event: str) -> int:
            return len([one for one in logs if one["event"] == event])

        with at_work(worker) as working, at_work(deliverer) as delivering:
            until(lambda: told("working"))
            assert http.get("/readyz").status_code == HTTPStatus.OK
            with postgres.away():
                until(lambda: told("the database is away, waiting for it") == 2)
                away = http.get("/mine")
                also = http.get("/livez")
            until(lambda: told("the database is back") == 2)
            until(lambda: http.get("/mine").status_code != HTTPStatus.SERVICE_UNAVAILABLE)

            world.flag(family())
            until(lambda: world.questions(QuestionKind.SIGN_OFF))
            until(lambda: world.mail.taken)
            assert working.is_alive()
            assert delivering.is_alive()

    for answer in (away, also):
        assert (answer.status_code, answer.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "60")
        assert "Vent et par minutter, og prøv igen." in answer.text
    assert told("the database is away, waiting for it") == 2
    assert not [one for one in logs if one["log_level"] in ("error", "critical") or one.get("exc_info")]

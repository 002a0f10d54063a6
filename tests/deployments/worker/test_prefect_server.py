"""The server repeats a request that failed because another was writing, so that nobody waits two seconds for it."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from deployments.worker import prefect_server
from deployments.worker.prefect_server import ATTEMPTS, TryAgainWhenBusy, serve
from storage.settings import WrongSettings


class Locked(Exception):
    """The database's error for a locked table."""


class Server:
    """An application that is busy for the first few requests, and answers as Prefect does."""

    def __init__(self, busy: int) -> None:
        self.busy, self.bodies = busy, []
        routes = [Route("/", self.answer, methods=["GET", "POST"]), Route("/long", self.long), Route("/bad", self.bad)]
        app = Starlette(routes=routes, exception_handlers={Exception: self.unavailable})
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(TryAgainWhenBusy(app), raise_app_exceptions=False), base_url="http://prefect"
        )

    async def answer(self, request: Request) -> JSONResponse:
        self.bodies.append(await request.body())
        if len(self.bodies) <= self.busy:
            raise Locked
        return JSONResponse({"tries": len(self.bodies)})

    async def long(self, _request: Request) -> StreamingResponse:
        async def parts():
            yield b"one "
            yield b"two"

        return StreamingResponse(parts())

    async def bad(self, _request: Request) -> JSONResponse:
        return JSONResponse({}, 500)

    @staticmethod
    async def unavailable(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({"exception_message": "Service Unavailable"}, 503)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.worker.prefect_server.PAUSE_S", 0)


@pytest.mark.parametrize("busy", [0, 1, ATTEMPTS - 1])
async def test_the_same_request_is_carried_out_until_it_succeeds(busy: int):
    server = Server(busy)

    answer = await server.http.post("/", content=b"the same")

    assert (answer.status_code, answer.json()) == (200, {"tries": busy + 1})
    assert server.bodies == [b"the same"] * (busy + 1)


async def test_one_that_stays_busy_says_so_at_last():
    server = Server(busy=1_000)

    answer = await server.http.get("/")

    assert (answer.status_code, len(server.bodies)) == (503, ATTEMPTS)


async def test_everything_else_goes_out_once_as_it_is():
    server = Server(busy=0)

    assert (await server.http.get("/long")).text == "one two"
    assert (await server.http.get("/bad")).status_code == 500


def test_redis_that_is_named_and_not_installed_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT_REDIS_MESSAGING_URL", "redis://redis.example:6379/0")
    monkeypatch.setattr(prefect_server, "find_spec", lambda _: None)
    with pytest.raises(WrongSettings, match="prefect-redis is not installed: make install EXTRAS=redis"):
        serve()

"""All stand-ins in one process: HTTP on one port, SMTP on another."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI

from deployments.standins import control
from deployments.standins.journal import Journal
from deployments.standins.mail import mail_sink
from deployments.standins.systems import association, case_system, finance, handover
from deployments.standins.systems.gate import Gate, Outages
from deployments.standins.world import StandInWorld
from domain.parties import party

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses of the stand-ins."""

    host: str
    http_port: int
    smtp_port: int

    @property
    def url(self) -> str:
        """The URL under which all HTTP stand-ins lie."""
        return f"http://{self.host}:{self.http_port}"


def build(world: StandInWorld, sink: mail_sink.MailSink, outages: Outages) -> FastAPI:
    """The HTTP stand-ins, with a world to start from."""
    app = FastAPI(title="stand-ins", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.case_systems = {
        code: case_system.CaseSystem(world.tokens[party.municipality(code)], flags=list(flags))
        for code, flags in world.case_systems.items()
    }
    app.state.associations = {
        name: association.Association(world.tokens[party.association(name)], let=let)
        for name, let in world.associations.items()
    }
    app.state.finance = {code: finance.FinanceSystem(world.tokens[party.municipality(code)]) for code in world.finance}
    app.state.handover = {
        code: handover.HandoverDesk(world.tokens[party.municipality(code)]) for code in world.handover
    }
    app.state.mail, app.state.outages = sink, outages
    for part in (case_system, association, finance, handover, mail_sink, control):
        app.include_router(part.router)
    return app


def listening(host: str, port: int) -> socket.socket:
    """A listening socket; without IPPROTO_TCP uvicorn leaves Nagle's delay on, 44 ms for every call."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen()
    return listener


@asynccontextmanager
async def serving(
    world: StandInWorld, journal: Path, *, host: str = LOOPBACK, http_port: int = 0, smtp_port: int = 0
) -> AsyncIterator[tuple[Doors, "asyncio.Task[None]"]]:
    """Run the stand-ins; the task ends when the process is told to stop. Port 0 takes any free port."""
    with Journal(journal) as written, listening(host, http_port) as http, listening(host, smtp_port) as smtp:
        outages = Outages()
        sink = mail_sink.MailSink(written, outages)
        gate = Gate(build(world, sink, outages), journal=written, outages=outages)
        async with receiving_mail(sink, smtp), answering(gate, http) as answers:
            yield Doors(host, http.getsockname()[1], smtp.getsockname()[1]), answers


@asynccontextmanager
async def answering(gate: Gate, listener: socket.socket) -> AsyncIterator["asyncio.Task[None]"]:
    """The HTTP server."""
    config = uvicorn.Config(
        gate, log_config=None, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    answers = asyncio.create_task(server.serve(sockets=[listener]))
    # The socket listens already, so callers wait. This first turn lets the server set its signal handlers.
    await asyncio.sleep(0)
    try:
        yield answers
    finally:
        server.should_exit = True
        await answers


@asynccontextmanager
async def receiving_mail(sink: mail_sink.MailSink, listener: socket.socket) -> AsyncIterator[None]:
    """The mail server."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, enable_SMTPUTF8=True, hostname="standins.invalid", loop=loop), sock=listener
    )
    try:
        yield
    finally:
        # Without waiting for clients that keep their connections open.
        server.close()


@contextmanager
def in_a_thread(world: StandInWorld, journal: Path) -> Iterator[Doors]:
    """The stand-ins in a thread of their own, on free ports, for as long as the block lasts."""
    opened: Future[tuple[Doors, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        closing = asyncio.Event()
        async with serving(world, journal) as (doors, _):
            opened.set_result((doors, asyncio.get_running_loop(), closing))
            await closing.wait()

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:  # passed to the caller, which waits for the addresses
            if opened.done():
                raise
            opened.set_exception(error)

    thread = threading.Thread(target=run, name="stand-ins")
    thread.start()
    doors, loop, closing = opened.result()
    try:
        yield doors
    finally:
        loop.call_soon_threadsafe(closing.set)
        thread.join()

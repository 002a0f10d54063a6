"""The headers of every response, and what must stand in no log."""

import logging
import re
import socket
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from deployments.processes import LOOPBACK, Processes, free_port
from deployments.used_settings import BEGINS
from tests.approval_api.questions.all_pages import ACCEPTANCE, Everything
from tests.world.served import (
    EVERY_QUESTION,
    a_no,
    a_yes,
    ask,
    ask_all,
    browsing,
    question_of,
    send,
    serving,
    words,
)

# Repeated here, so that the test fails when one is taken away.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; style-src 'self'; font-src 'self'; "
    "img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}

EVERYWHERE = [
    "/",
    "/livez",
    "/privatliv",
    "/tilgaengelighed?lang=en",
    "/static/desk.css",
    "/static/none.css",
    "/q/nobody",
]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_every_response_carries_the_headers(shared_desk, method, path):
    answer = shared_desk.http.request(method, path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)
def test_every_answer_to_a_link_carries_the_headers(shared_desk, asked):
    path, http = shared_desk.links[asked], shared_desk.http
    for answer in (http.get(path), http.head(path), send(http, path, {}), http.post(path, json={}), http.put(path)):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def spoil_the_database(world):
    """Write rows that no code of ours writes, so that the page fails; it must not tell why."""
    with world.platform.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.exec_driver_sql("UPDATE question SET standing = 'spoilt'")
        connection.commit()


def test_a_failure_is_a_page_that_says_what_to_do_and_nothing_of_its_cause(sqlite_world, http, capfd, caplog):
    path = ask(sqlite_world, ACCEPTANCE)
    spoil_the_database(sqlite_world)

    for answer in (http.get(path), http.get(f"{path}?lang=en"), http.head(path), send(http, path, {"answer": "yes"})):
        assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert not re.search("sqlite|table|spoilt|Traceback|Error:", answer.text)
    assert "Vent et par minutter" in words(http.get(path))
    assert "Wait a few minutes" in words(http.get(f"{path}?lang=en"))

    logged = "".join(capfd.readouterr()) + caplog.text
    assert "page_failed" in logged
    assert "LookupError" in logged
    assert path.removeprefix("/q/") not in logged
    assert "SELECT" not in logged


def test_somebody_who_leaves_in_the_middle_of_sending_disturbs_nobody(sqlite_world, http, capfd):
    path = ask(sqlite_world, ACCEPTANCE)
    with socket.create_connection((LOOPBACK, http.base_url.port)) as leaving:
        leaving.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Content-Length: 10\r\n\r\nanswer".encode()
        )

    assert http.get(path).status_code == HTTPStatus.OK
    assert question_of(sqlite_world, path).answer is None
    assert "page_failed" not in "".join(capfd.readouterr())


@contextmanager
def everything_logged():
    """Every logger at DEBUG, except for disabled ones, as uvicorn writes an access log once a handler is added."""
    handler = Everything()
    every = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    loggers = [logger for logger in every if logger.handlers or logger.propagate]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.addHandler(handler)
    try:
        yield handler.said
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)


def visit_everything(http, links):
    """Open every page, send wrong and correct forms, and open the receipt."""
    for path in links.values():
        for answer in (http.get(path), http.head(path), send(http, path, {}), http.post(path, content=b"\xff")):
            assert answer.status_code in (HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY)
        yes, no = a_yes(http, path), a_no(http, path)
        for form, expected in ((yes, HTTPStatus.SEE_OTHER), (yes, HTTPStatus.SEE_OTHER), (no, HTTPStatus.CONFLICT)):
            assert send(http, path, form).status_code == expected
        assert http.get(path).status_code == HTTPStatus.OK
        assert http.get(f"{path}/").headers["Location"] == path
        assert http.delete(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_no_logger_at_any_level_hears_a_link(sqlite_world):
    links = ask_all(sqlite_world)
    # The handlers are added after the start, because uvicorn sets up its own loggers then.
    with serving(sqlite_world) as origin, browsing(origin) as http, everything_logged() as heard:
        visit_everything(http, links)
        spoil_the_database(sqlite_world)
        assert all(http.get(path).status_code == HTTPStatus.INTERNAL_SERVER_ERROR for path in links.values())
        logging.getLogger("uvicorn.error").debug("the last word")

    said = "\n".join(heard)
    assert "the last word" in said
    assert [path for path in links.values() if path.removeprefix("/q/") in said] == []


def test_the_real_command_writes_no_link_and_nothing_else_while_all_is_well(sqlite_world, tmp_path):
    links = ask_all(sqlite_world)
    port = free_port()
    clock = tmp_path / "clock"
    clock.write_text(str((sqlite_world.clock.now() - datetime.now(UTC) + timedelta(hours=1)).total_seconds()))
    origin = f"http://{LOOPBACK}:{port}"
    environment = {
        "TILFLYT_WORLD": "demo",
        "TILFLYT_DEMO_CLOCK_FILE": str(clock),
        "TILFLYT_DATABASE_URL": str(sqlite_world.platform.database.engine.url),
        "TILFLYT_PUBLIC_URL": origin,
        "TILFLYT_SERVE_PORT": str(port),
        "TILFLYT_LOG_LEVEL": "DEBUG",
    }
    with Processes(tmp_path / "logs", environment) as processes, browsing(origin) as http:
        processes.start("endpoint", "-m", "deployments.cli.main", "serve")
        processes.wait_for("endpoint", f"{origin}/livez")
        visit_everything(http, links)
        well = (tmp_path / "logs" / "endpoint.log").read_text()
        spoil_the_database(sqlite_world)
        assert all(http.get(path).status_code == HTTPStatus.INTERNAL_SERVER_ERROR for path in links.values())

    # Without the line that says which databases are used, as they are not those of the program's folder.
    assert [line for line in well.splitlines() if not line.startswith(BEGINS)] == []
    failed = (tmp_path / "logs" / "endpoint.log").read_text()
    assert failed.count("page_failed") == len(links)
    assert [path for path in links.values() if path.removeprefix("/q/") in failed] == []


def test_whoever_writes_a_feed_finds_its_schema(http):
    told = http.get("/schemas/vacancy-feed-1.json")
    assert told.headers["content-type"] == "application/schema+json"
    assert told.json()["$id"] == "/schemas/vacancy-feed-1.json"

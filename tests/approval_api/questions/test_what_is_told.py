"""What the pages tell, to whom, and what they keep to themselves: to associations, in headers, in logs."""

import logging
import re
import socket
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import pytest

from deployments.processes import LOOPBACK, Processes, free_port
from deployments.used_settings import BEGINS
from domain.questions.question import QuestionKind
from domain.referrals.household import Need
from tests.world.families import family
from tests.world.served import (
    EVERY_QUESTION,
    SUPPORT_PHONE,
    Asked,
    a_no,
    a_yes,
    ask,
    ask_all,
    browsing,
    link,
    question_of,
    send,
    serving,
    words,
)

# Said again here, so that taking one away is noticed.
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
OFFER, ACCEPTANCE, MOVE_IN = (
    Asked(kind) for kind in (QuestionKind.OFFER, QuestionKind.ACCEPTANCE, QuestionKind.MOVE_IN)
)
# A household and a rent that stand on no page by chance.
TELLING_NEED = Need(persons=6, rooms_min=3, rent_max_monthly_ore=912_300, move_in_from=date(2026, 4, 17))
ORIGIN = ("Odense", "0461", "04 61", "Vollsmose", "Sagsbehandler", "Teamleder", "TF-2026")
COMPOSITION = ("6 person", "9.123", "17. april", "912300")


def identity_of(someone):
    """Everything that tells who a family is, in the forms it is written in."""
    who = {name: told for name, told in asdict(someone.identity).items() if isinstance(told, str)}
    surname = who["adult_name"].split()[-1]
    return [
        *who.values(),
        surname,
        who["cpr"].replace("-", ""),
        who["phone"].replace(" ", ""),
        *who["note"].split()[-1:],
    ]


# A link's token and a form's MAC. In what is drawn, any four digits stand some day by chance.
DRAWN = re.compile(r"(?<![\w-])([\w-]{43}|[0-9a-f]{64})(?![\w-])")


def _header(name, value):
    return f"{name}: {value.partition(';')[2] if name == 'set-cookie' else value}"


def whole(answer):
    """A response as it goes over the wire: status, headers and body, without what was drawn, measured or numbered."""
    headers = [_header(*header) for header in answer.headers.multi_items() if header[0] != "content-length"]
    told = "\n".join([str(answer.status_code), *headers, answer.text])
    return DRAWN.sub("", told.replace(f":{answer.url.port}", ""))


def test_an_association_that_is_asked_for_a_home_sees_nothing_of_where_the_family_lives_or_who_it_is(
    sqlite_world, http
):
    sqlite_world.home("kloeverlykken", "0430")
    path = ask(sqlite_world, OFFER, need=TELLING_NEED)
    slower = link(sqlite_world, QuestionKind.OFFER, nth=1)
    yes = a_yes(http, path)
    seen = [http.get(path), http.get(f"{path}?lang=en"), http.head(path), send(http, path, {}), send(http, path, yes)]
    seen += [http.get(path), send(http, path, {"answer": "no", "reason": "no_capacity_now"})]
    sqlite_world.settle()
    seen += [http.get(path), http.get(slower), send(http, slower, yes)]

    assert [answer.status_code for answer in seen] == [200, 200, 200, 422, 303, 200, 409, 200, 410, 410]
    for answer in seen:
        told = whole(answer)
        assert [fact for fact in (*ORIGIN, *COMPOSITION, *identity_of(family())) if fact in told] == []
    assert "9.000 kr. og 10.000 kr." in words(seen[0])
    assert "april 2026" in words(seen[0])
    assert SUPPORT_PHONE in words(seen[0])


def test_an_associations_expired_link_keeps_it_too(sqlite_world, http):
    path = ask(sqlite_world, OFFER, need=TELLING_NEED)
    sqlite_world.clock.at = question_of(sqlite_world, path).expires_at

    told = whole(http.get(path))

    assert "Fristen er overskredet" in told
    assert [fact for fact in (*ORIGIN, *COMPOSITION) if fact in told] == []


def test_the_association_that_houses_the_family_still_does_not_see_where_it_came_from(sqlite_world, http):
    path = ask(sqlite_world, MOVE_IN, need=TELLING_NEED)
    seen = [http.get(path), send(http, path, {}), send(http, path, a_yes(http, path)), http.get(path)]

    for answer in seen:
        assert [fact for fact in (*ORIGIN, *COMPOSITION) if fact in whole(answer)] == []
    assert "Nyborg Kommune" in words(seen[0])


@pytest.mark.parametrize("asked", EVERY_QUESTION, ids=str)
def test_no_page_header_or_redirect_tells_who_the_family_is(sqlite_world, http, asked):
    path = ask(sqlite_world, asked)
    yes, no = a_yes(http, path), a_no(http, path)

    seen = [http.get(path), http.head(path), send(http, path, {}), send(http, path, yes)]
    seen += [http.get(path), send(http, path, yes), send(http, path, no)]
    sqlite_world.settle()
    seen += [http.get(path)]

    assert [fact for fact in identity_of(family()) for answer in seen if fact in whole(answer)] == []


def test_whom_to_call_is_left_out_where_nobody_has_said_it(sqlite_world):
    with serving(sqlite_world, support_phone="") as origin, browsing(origin) as http:
        page = http.get(ask(sqlite_world, OFFER))

    assert "tel:" not in page.text
    assert "Ring til" not in words(page)


def test_a_caseworker_who_answers_for_a_family_is_not_told_to_call_themselves(sqlite_world, http):
    page = http.get(ask(sqlite_world, Asked(QuestionKind.ACCEPTANCE, on_behalf=True)))
    assert "Ring til Tilflytterstyring" in words(page)
    assert "Sagsbehandler Et" not in words(page)


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
    """The rows say what no code of ours writes: whatever the reason, the page must not tell it."""
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


class Everything(logging.Handler):
    """Keeps every record of every logger, as it would be written and as it came."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.said = []

    def emit(self, record):
        # httpx, our own visitor, says what it visits; it is no part of the endpoint.
        if record.name.partition(".")[0] not in ("httpx", "httpcore"):
            self.said += [self.format(record), repr(record.__dict__)]


@contextmanager
def everything_logged():
    """Every logger there is at DEBUG, but for those that are switched off: uvicorn takes a listener as a wish."""
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
    """Open every page there is, send what is wrong and what is right, and come back for the receipt."""
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
    # Listening begins after the start, for uvicorn sets its own loggers up then.
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

    # Which databases it uses, as these are not those of the program's folder.
    assert [line for line in well.splitlines() if not line.startswith(BEGINS)] == []
    failed = (tmp_path / "logs" / "endpoint.log").read_text()
    assert failed.count("page_failed") == len(links)
    assert [path for path in links.values() if path.removeprefix("/q/") in failed] == []


def test_whoever_writes_a_feed_finds_its_schema(http):
    told = http.get("/schemas/vacancy-feed-1.json")
    assert told.headers["content-type"] == "application/schema+json"
    assert told.json()["$id"] == "/schemas/vacancy-feed-1.json"

"""The doctor tries every configured connection, and one that fails or hangs stops no other."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.standins.server import Doors, in_a_thread
from deployments.standins.world import StandInAssociation, StandInWorld
from domain.parties.party import Connection, Login, Partner
from storage.parties.partners import partners, remember_partner
from tests.world.commands import CommandLine
from tests.world.servers.imap_server import Mailbox, imap_server
from tests.world.servers.token_endpoint import SECRET, Endpoint, token_endpoint
from tests.world.world import World

TOKENS = {"municipality:0461": "token-0461", "association:havblik": "token-havblik"}
WORLD = StandInWorld(
    case_systems={"0461": []},
    associations={"havblik": StandInAssociation("json", [])},
    finance=["0461"],
    handover=[],
    tokens=TOKENS,
)


@pytest.fixture
def standins(tmp_path: Path) -> Iterator[Doors]:
    with in_a_thread(WORLD, tmp_path / "journal.jsonl") as doors:
        yield doors


@pytest.fixture
def hanging() -> Iterator[str]:
    """A partner that accepts the connection and does not answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path: Path) -> CommandLine:
    for name, value in {
        "SECRET_0461": "token-0461",
        "SECRET_HAVBLIK": "token-havblik",
        "SECRET_WRONG": "wrong",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TILFLYT_PARTNER_TIMEOUT_S", "4")
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


def known_as(world: World, *only: Partner) -> None:
    """Give these parties the systems that they are given with, and all others none."""
    changed = {at.party: at for at in only}
    with world.platform.database.writing() as session:
        for at in partners(session):
            known = changed.get(at.party, replace(at, systems={}, login=None))
            remember_partner(session, known, now=world.clock.now())


def of(world: World, party: str, systems: dict[str, Connection], login: Login | None = None) -> Partner:
    with world.platform.database.reading() as session:
        return next(replace(at, systems=systems, login=login) for at in partners(session) if at.party == party)


def seen(tilflyt: CommandLine) -> dict[str, tuple[bool, str]]:
    found = json.loads(tilflyt("doctor", "--json", code=1))
    return {one["check"]: (one["well"], one["seen"]) for one in found}


def test_every_connection_has_a_line_and_each_is_looked_at(
    sqlite_world: World, tilflyt: CommandLine, standins: Doors, hanging: str, monkeypatch
):
    at = standins.url
    away = Login("http://127.0.0.1:1", "klient", "SECRET_0461", acr=("x",))
    known_as(
        sqlite_world,
        of(
            sqlite_world,
            "municipality:0461",
            {
                "case_system": Connection("json-case-system", f"{at}/case/0461", "SECRET_0461"),
                "finance": Connection("json-finance", f"{at}/finance/0461", "SECRET_0461"),
                "handover": Connection("json-handover", hanging, "SECRET_0461"),
                "letters": Connection("json-letters", f"{at}/letters", "SECRET_NOT_SET"),
            },
            login=away,
        ),
        of(
            sqlite_world,
            "association:havblik",
            {
                "vacancy_feed": Connection("json-vacancies", f"{at}/association/havblik/vacancies", "SECRET_WRONG"),
                "reservations": Connection("json-reservations", f"{at}/association/havblik", "SECRET_HAVBLIK"),
            },
        ),
    )
    monkeypatch.setenv("TILFLYT_SMTP_PORT", str(standins.smtp_port))
    box = Mailbox(basic=False, tokens={"token-1"})
    box.put("Subject: a\n\nb")
    endpoint = Endpoint()
    with imap_server(box) as port, token_endpoint(endpoint) as url:
        for name, value in {
            **{"IMAP_HOST": "127.0.0.1", "IMAP_PORT": str(port), "IMAP_TLS": "false", "IMAP_LOGIN": "xoauth2"},
            **{"IMAP_USERNAME": "tilflyt@demo.invalid", "MAIL_TOKEN_URL": url, "MAIL_CLIENT_ID": "platformen"},
            "MAIL_CLIENT_SECRET": SECRET,
        }.items():
            monkeypatch.setenv(f"TILFLYT_{name}", value)
        found = seen(tilflyt)
        # Nothing was changed: unread mail is still unread, and no partner was told anything.
        assert box.seen == set()
        box.tokens.clear()
        known_as(sqlite_world)
        refused = seen(tilflyt)["imap"]

    # Two time limits of four seconds end at the same time, and either may come first.
    found["municipality:0461 handover"] = (found["municipality:0461 handover"][0], "silent")
    assert {name: told for name, told in found.items() if name in ("smtp", "imap") or ":" in name} == {
        "smtp": (True, f"127.0.0.1:{standins.smtp_port} answers"),
        "imap": (True, f"127.0.0.1:{port} lets us in, INBOX has messages"),
        "municipality:0461 login": (False, "the connection was refused"),
        "municipality:0461 case_system": (True, f"{at}/case/0461 answers"),
        "municipality:0461 finance": (True, f"{at}/finance/0461 answers 404; nothing was asked of it"),
        "municipality:0461 handover": (False, "silent"),
        "municipality:0461 letters": (False, "the secret SECRET_NOT_SET is not set"),
        "association:havblik vacancy_feed": (
            False,
            f"{at}/association/havblik/vacancies answers 401: it does not know the token in SECRET_WRONG",
        ),
        "association:havblik reservations": (True, f"{at}/association/havblik answers 404; nothing was asked of it"),
    }
    assert refused == (False, "imap: login")
    assert '"POST"' not in (tilflyt.folder / "journal.jsonl").read_text()


def test_a_mail_server_that_will_not_encrypt_or_let_us_in_is_a_line_of_its_own(
    sqlite_world: World, tilflyt: CommandLine, standins: Doors, monkeypatch
):
    known_as(sqlite_world)
    monkeypatch.setenv("TILFLYT_SMTP_PORT", str(standins.smtp_port))
    monkeypatch.setenv("TILFLYT_SMTP_STARTTLS", "true")
    assert seen(tilflyt)["smtp"] == (False, "smtp: the server offers no STARTTLS, and nothing is sent in the clear")
    monkeypatch.setenv("TILFLYT_SMTP_STARTTLS", "false")
    monkeypatch.setenv("TILFLYT_SMTP_USERNAME", "svar")
    assert seen(tilflyt)["smtp"] == (False, "smtp: the server takes no login")
    assert "imap" not in seen(tilflyt)

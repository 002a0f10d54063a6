"""A party reads its own books behind its login, and nobody else's."""

import json
from http import HTTPStatus

import httpx
import pytest

from domain.books.months import last_day_written
from domain.parties.party import Role
from storage.books.settlements import statements_of
from storage.operations.scopes import READERS_OF_THE_BOOKS
from storage.parties.partners import partner_of
from tests.approval_api.books.readers import FINANCE, HAVBLIK, NYBORG, ODENSE, PARTIES, named, rows_of, settled
from tests.storage.books.model import two_housed_families
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.months import month_of
from tests.world.operators import OPERATOR, look
from tests.world.served import heading, words
from tests.world.world import World

world = world_after(two_housed_families)
NOT_YOURS, LOGIN = "Afregningen er ikke til din rolle", "Mine spørgsmål"


@pytest.mark.parametrize("is_settled", [False, True])
def test_each_party_reads_its_own_lines_and_nobody_elses(world: World, http: httpx.Client, is_settled: bool):
    month = settled(world) if is_settled else f"{month_of(world):%Y-%m}"
    with world.platform.database.reading() as session:
        held = statements_of(session, last_day_written(month))
    assert held.keys() == {ODENSE, NYBORG, HAVBLIK}
    for party in PARTIES:
        cookie = named(world, party, FINANCE)
        own = held.get(party)
        # Whatever an address adds: the party is who has logged in.
        for asked in ("", "?party=municipality:0461", "?page=2&party=association:havblik"):
            told = json.loads(look(http, f"/afregning/{month}.json{asked}", cookie).text)["statements"]
            assert [one["party"] for one in told] == [party]
            assert told[0]["total_ore"] == (own.total_ore if own else 0)
            page = look(http, f"/afregning/{month}{asked}", cookie)
            assert page.status_code == HTTPStatus.OK
            assert [row[0] for row in rows_of(page)] == [line.reference for line in (own.lines if own else ())]
        whole = words(look(http, "/afregning", cookie)) + words(page)
        assert all(one.name not in whole for one in world_parties(world) if not may_be_named(held, party, one.party))


def world_parties(world: World):
    with world.platform.database.reading() as session:
        return [partner_of(session, party) for party in (*PARTIES, "association:kloeverlykken")]


def may_be_named(held, party: str, other: str) -> bool:
    """A party may be named to itself, and to who pays it or is paid by it."""
    own = held.get(party)
    return other == party or any(other in (one.payer, one.payee) for one in (own.payments if own else ()))


@pytest.mark.parametrize("role", Role)
def test_only_some_roles_read_the_books(world: World, http: httpx.Client, role: Role):
    month = f"{month_of(world):%Y-%m}"
    for party in (ODENSE, HAVBLIK, OPERATOR):
        cookie = named(world, party, role)
        reads = role in READERS_OF_THE_BOOKS and party != OPERATOR
        for path in ("/afregning", f"/afregning/{month}", f"/afregning/{month}.csv", f"/afregning/{month}.json"):
            answer = look(http, path, cookie)
            assert (answer.status_code == HTTPStatus.OK) is reads, (party, path)
            assert (NOT_YOURS in answer.text) is not reads
            assert reads or "TF-2026" not in answer.text
        mine = look(http, "/mine", cookie)
        assert party == OPERATOR or ("/afregning" in mine.text) is reads


@pytest.mark.parametrize("path", ["/afregning", "/afregning/2026-11", "/afregning/2026-11.csv", "/afregning/x.json"])
def test_a_stranger_is_asked_to_log_in(world: World, http: httpx.Client, path: str):
    for cookie in ({}, {"Cookie": "__Host-sitting=guessed"}):
        answer = look(http, path, cookie)
        assert (answer.status_code, heading(answer)) == (HTTPStatus.FORBIDDEN, LOGIN)
        assert http.head(path, headers=cookie).status_code == HTTPStatus.FORBIDDEN


def test_an_association_knows_a_case_by_its_pseudonym_alone(world: World, http: httpx.Client):
    month = settled(world)
    cookie = named(world, HAVBLIK, FINANCE)
    for path in ("/afregning", f"/afregning/{month}", f"/afregning/{month}.csv", f"/afregning/{month}.json"):
        found = look(http, path, cookie)
        assert found.status_code == HTTPStatus.OK
        assert "TF-" not in found.text
    assert all(row[0].startswith("B-") for row in rows_of(look(http, f"/afregning/{month}", cookie)))


def test_what_is_downloaded_is_what_the_command_line_writes(
    world: World, http: httpx.Client, monkeypatch, capsys, tmp_path
):
    month = settled(world)
    shows = CommandLine(world, monkeypatch, capsys, tmp_path)
    for number, party in enumerate((ODENSE, NYBORG, HAVBLIK)):
        cookie = named(world, party, FINANCE)
        told = shows("settlement", "show", month, "--party", party, "--csv", f"{number}.csv", "--json")

        csv, document = (look(http, f"/afregning/{month}.{ending}", cookie) for ending in ("csv", "json"))

        assert csv.content == (tmp_path / f"{number}.csv").read_bytes()
        assert " ".join(document.text.split()) == told
        assert csv.headers["content-type"] == "text/csv; charset=utf-8"
        assert document.headers["content-type"] == "application/json"
        assert csv.headers["content-disposition"] == f'attachment; filename="afregning-{month}.csv"'
        assert {one.headers["cache-control"] for one in (csv, document)} == {"no-store"}


@pytest.mark.parametrize(
    ("month", "said"),
    [
        *((wrong, "skrives i adressen som 2026-03") for wrong in ("2026-13", "marts", "2026-3")),
        ("2099-01", "ikke begyndt"),
    ],
)
def test_a_month_that_cannot_be_shown_is_said_to_be(world: World, http: httpx.Client, month: str, said: str):
    cookie = named(world, NYBORG, FINANCE)
    for ending in ("", ".csv", ".json"):
        answer = look(http, f"/afregning/{month}{ending}", cookie)
        assert (answer.status_code, heading(answer)) == (HTTPStatus.NOT_FOUND, "Måneden kan ikke vises")
        assert said in words(answer)
        assert http.head(f"/afregning/{month}{ending}", headers=cookie).status_code == HTTPStatus.NOT_FOUND


def test_head_answers_as_get_does_without_a_body(world: World, http: httpx.Client):
    month = f"{month_of(world):%Y-%m}"
    cookie = named(world, NYBORG, Role.COORDINATOR)
    for path in ("/afregning", f"/afregning/{month}", f"/afregning/{month}.csv", f"/afregning/{month}.json"):
        head, get = http.head(path, headers=cookie), look(http, path, cookie)
        assert (head.status_code, head.content) == (HTTPStatus.OK, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
        assert get.headers["cache-control"] == "no-store"

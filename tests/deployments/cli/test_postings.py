"""Postings on the command line: looked at, corrected, settled, exported, reconciled."""

import json
from datetime import date, timedelta

import pytest

from domain.working_days import day_of
from tests.stories.postings_that_wait import AS_CSV
from tests.tasks.books.postings_of_a_world import NO, NYBORG, ODENSE, TAKEN, finance_of, keeps_books, moves_in, told
from tests.world.commands import CommandLine
from tests.world.world import World


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


def listed(tilflyt: CommandLine, *words: str) -> list[dict]:
    return json.loads(tilflyt("posting", "list", *words, "--json"))


def test_a_rejected_posting_is_listed_corrected_and_then_counts(world: World, tilflyt: CommandLine):
    finance_of(world, ODENSE).says = [NO]
    moves_in(world)
    month = f"{world.clock.now():%Y-%m}"
    (one,) = listed(tilflyt, "--state", "rejected")
    assert (one["party"], one["case"], one["reason"]) == (ODENSE, "TF-2026-00001", "account_closed")
    before = {row["party"]: row for row in json.loads(tilflyt("posting", "figures", month, "--json"))}
    assert before[ODENSE] == {"party": ODENSE, "booked_ore": -5_700_000, "accepted_ore": 0, "awaited_ore": -5_700_000}

    said = tilflyt("posting", "correct", str(one["id"]), "--account-string", "5.33.41", "--by", "Regnskab")
    world.deliver()

    assert "is corrected and sent anew" in said
    assert [row["state"] for row in listed(tilflyt, "--party", ODENSE)] == ["corrected", "accepted"]
    after = {row["party"]: row for row in json.loads(tilflyt("posting", "figures", month, "--json"))}
    assert after[ODENSE]["accepted_ore"] == -5_700_000
    assert "only a rejected one is corrected" in tilflyt(
        "posting", "correct", str(one["id"]), "--account-string", "5", code=1
    )
    assert len(listed(tilflyt, "--case", "TF-2026-00001")) == 4
    assert listed(tilflyt, "--case", "TF-2026-00002") == []


def test_a_posting_without_an_answer_is_settled_by_telephone(world: World, tilflyt: CommandLine):
    finance_of(world, ODENSE).says = [TAKEN]
    moves_in(world)
    number = str(told(world, ODENSE)[0].row.id)

    assert "one of accepted, rejected" in tilflyt("posting", "settle", number, "--as", "paid", code=1)
    assert "is accepted" in tilflyt("posting", "settle", number, "--as", "accepted", "--by", "Regnskab")
    assert "nothing to settle" in tilflyt("posting", "settle", number, "--as", "accepted", code=1)


def test_a_run_is_exported_and_what_comes_back_is_reconciled(world: World, tilflyt: CommandLine):
    keeps_books(world, ODENSE, AS_CSV)
    moves_in(world)
    on = day_of(world.clock.now())

    assert "1 postings in" in tilflyt("posting", "export", ODENSE, ".", "--run", str(on))
    assert "1 postings in" in tilflyt("posting", "export", ODENSE, ".", "--run", str(on))
    assert "takes no file" in tilflyt("posting", "export", NYBORG, ".", code=1)
    key = told(world, ODENSE)[0].row.key
    report = f"Nøgle;Beløb;Dato\n{key};57000,00+;{on}\n{key}-m;57000,01-;{on}\n"
    (tilflyt.folder / "report.csv").write_text(report, encoding="utf-8")
    order = ("posting", "answers", ODENSE, "report.csv", "--until", str(on), "--json")
    found = json.loads(tilflyt(*order, code=1))

    assert found["clean"] is False
    assert [(one["list"], one["theirs_ore"]) for one in found["lists"]] == [("another_amount", -5_700_001)]
    assert [one["state"] for one in listed(tilflyt, "--party", ODENSE)] == ["disputed"]
    assert "one of csv, camt" in tilflyt(*order, "--form", "mt940", code=1)
    assert "report2.csv" in tilflyt("posting", "answers", ODENSE, "report2.csv", "--until", str(on), code=1)


def entry(key: str, amount: str, *, way: str = "DBIT", currency: str = "DKK", on: date, more: str = "") -> str:
    """A payment as a bank books it."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd>{more}<Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{on}</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"<RmtInf><Ustrd>Udligning {key}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def test_a_banks_statement_is_reconciled_by_the_same_command(world: World, tilflyt: CommandLine):
    for number in (1, 2, 3, 4):
        moves_in(world, number)
    one, two, three, four = told(world, ODENSE)
    on = day_of(world.clock.now())

    def statement(name: str, *entries: str) -> tuple[str, ...]:
        space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
        stated = f'<Document xmlns="{space}"><BkToCstmrStmt><Stmt>{"".join(entries)}</Stmt></BkToCstmrStmt></Document>'
        (tilflyt.folder / name).write_text(stated, encoding="utf-8")
        return ("posting", "answers", ODENSE, name, "--until", str(on + timedelta(days=60)), "--json")

    order = statement(
        "bank.xml",
        entry(one.row.key.upper(), "57000.00", on=on),
        entry(two.posting.booking, "57000.01", on=on),
        entry(three.row.key, "57000", on=on),
        entry(three.row.key, "57000", on=on),
        entry(four.row.key, "57000", on=on),
        entry(four.row.key, "57000", way="CRDT", on=on, more="<RvslInd>true</RvslInd>"),
        entry("hverken sag eller regning", "12", on=on),
    )
    found = json.loads(tilflyt(*order, code=1))

    assert found["matched"] == 2
    assert [(row["list"], row["key"], row["theirs_ore"]) for row in found["lists"]] == [
        ("lost_there", four.row.key, None),
        ("lost_here", "", -1_200),
        ("another_amount", two.row.key, -5_700_001),
        ("twice", three.row.key, -5_700_000),
    ]
    states = [row["state"] for row in listed(tilflyt, "--party", ODENSE)]
    assert states == ["reconciled", "disputed", "disputed", "accepted"]
    again = json.loads(tilflyt(*order, code=1))
    assert [row["list"] for row in again["lists"]] == [row["list"] for row in found["lists"]]
    foreign = statement("foreign.xml", entry(four.row.key, "57000", currency="EUR", on=on))
    assert "line 1, Ntry/Amt: must be in DKK" in tilflyt(*foreign, code=1)
    assert "name a column" in tilflyt(*order, "--form", "csv", code=1)

"""`tilflyt settlement show` says of each payment who has approved the month; `settlement ask` asks a party anew."""

import json

import pytest

from domain.questions.question import Answer, QuestionKind
from tasks.books.answers import hear_parties
from tests.tasks.books.asked_months import HAVBLIK, NYBORG, ODENSE, answers, march_is_asked
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(march_is_asked)


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def test_each_payment_says_who_has_approved_it(world: World, tilflyt: CommandLine):
    answers(world, ODENSE)
    answers(world, NYBORG)
    answers(world, HAVBLIK, Answer.NO, "unknown_case")

    told = json.loads(tilflyt("settlement", "show", "2026-03", "--json"))
    shown = tilflyt("settlement", "show", "2026-03")

    assert {party: answer["reason"] for party, answer in told["answers"].items()} == {
        ODENSE: None,
        NYBORG: None,
        HAVBLIK: "unknown_case",
    }
    payments = {
        (one["payer"], one["payee"]): one["payable"] for of in told["statements"] for one in of["payments"]
    }
    assert payments == {(ODENSE, NYBORG): True, (ODENSE, HAVBLIK): False}
    assert "approved 2026-04-11" in shown
    assert "unknown_case" in shown


def test_a_party_is_asked_anew_from_the_command_line(world: World, tilflyt: CommandLine):
    ask = ("settlement", "ask", "2026-03", "--party", NYBORG, "--by", "Maria Hansen")
    assert "has not answered about 2026-03" in tilflyt(*ask, code=1)
    answers(world, NYBORG, Answer.NO, "amount_wrong")
    hear_parties(world.platform)
    assert "was reversed since" in tilflyt(*ask, code=1)

    assert "is asked anew about 2026-03" in tilflyt(*ask, "--although", "it was the month before")
    hear_parties(world.platform)

    assert len(world.questions(QuestionKind.MONTH)) == 3

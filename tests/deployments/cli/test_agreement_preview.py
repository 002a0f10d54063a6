"""What a file's agreements would change is told before they are imported, and in brief with the import."""

import json

import pytest

from deployments.demo import world as demo
from domain.questions.question import QuestionKind
from tests.world.agreement_versions import asked, version_of
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.world import World


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def proposed(tilflyt: CommandLine, *changes: tuple[str, str]) -> None:
    """A file with the demo's agreement on Funen in a second version, and no other."""
    agreements = (demo.HERE / "agreements.toml").read_text(encoding="utf-8")
    text = agreements.partition('[[agreement]]\nid = "oestjylland"')[0]
    # In the worlds of tests a yes is disclosed at once.
    as_here = ("disclosure_after_minutes = 60", "disclosure_after_minutes = 0")
    for before, after in (('id = "fyn"\nversion = 1', 'id = "fyn"\nversion = 2'), as_here, *changes):
        assert before in text
        text = text.replace(before, after, 1)
    (tilflyt.folder / "parties.toml").write_text(text, encoding="utf-8")


def test_a_preview_tells_terms_cases_and_who_gains_and_loses_and_writes_nothing(world: World, tilflyt: CommandLine):
    asked(world, QuestionKind.MOVE_IN)
    world.answer(QuestionKind.MOVE_IN)
    world.settle()
    world.home()
    world.flag(family(2), family(3))
    world.until(QuestionKind.APPROVAL)
    proposed(
        tilflyt,
        ("receiving_municipality_ore = 4500000", "receiving_municipality_ore = 6000000"),
        ('"havblik", "kloeverlykken"', '"kloeverlykken"'),
        ("answer_within_days = 10, remind", "answer_within_days = 9, remind"),
    )

    (one,) = json.loads(tilflyt("agreement", "preview", "parties.toml", "--json"))

    assert (one["agreement"], one["version"], one["against"]) == ("fyn", 2, 1)
    assert {(each["field"], each["before"], each["after"]) for each in one["changes"]} == {
        ("associations", '["havblik"]', "–"),
        ("compensation.receiving_municipality_ore", "4500000", "6000000"),
        ("route.acceptance.answer_within_days", "10", "9"),
    }
    standings = {each["status"]: each for each in one["standings"]}
    assert {status: each["cases"] for status, each in standings.items()} == {"seeking": 1, "proposed": 1}
    assert "associations" in [each["field"] for each in standings["seeking"]["meets"]]
    assert [each["field"] for each in standings["proposed"]["meets"]] == [
        "route.acceptance.answer_within_days",
        "compensation.receiving_municipality_ore",
    ]
    assert standings["proposed"]["left"][0][1] == ["version 2 no longer has havblik, which is asked"]
    by_party = {each["party"]: (each["own_ore"], each["proposed_ore"]) for each in one["open_cases_ore"]}
    assert by_party == {
        "association:havblik": (1_200_000, 1_200_000),
        "association:not found yet": (1_200_000, 1_200_000),
        "municipality:0450": (4_500_000, 6_000_000),
        "municipality:0461": (-11_400_000, -14_400_000),
        "municipality:not found yet": (4_500_000, 6_000_000),
    }
    housed = {each["party"]: each["proposed_ore"] - each["own_ore"] for each in one["housed_ore"]}
    assert (one["housed"], housed["municipality:0450"], housed["municipality:0461"]) == (1, 1_500_000, -1_500_000)
    assert version_of(world) == 1
    table = tilflyt("agreement", "preview", "parties.toml")
    assert "gains" in table
    assert "loses" in table


def test_an_import_tells_the_preview_in_brief(world: World, tilflyt: CommandLine):
    asked(world, QuestionKind.MOVE_IN)
    world.answer(QuestionKind.MOVE_IN)
    world.settle()
    world.flag(family(2))
    proposed(tilflyt, ("receiving_municipality_ore = 4500000", "receiving_municipality_ore = 6000000"))

    told = tilflyt("import", "parties.toml")

    assert (
        "Terms: agreement fyn version 2 against version 1: fields that change: 1; open cases, which keep theirs: 1, "
        "of which `tilflyt agreement migrate` could move: 1; families housed in the last 12 months: 1, by it in kr.: "
        "municipality:0450 +15,000.00, municipality:0461 -15,000.00." in told
    )
    assert "Nothing new." in tilflyt("agreement", "preview", "parties.toml")


def test_a_file_with_faults_is_not_previewed(tilflyt: CommandLine):
    proposed(tilflyt, ("receiving_municipality_ore = 4500000", "receiving_municipality_ore = -1"))

    told = tilflyt("agreement", "preview", "parties.toml", code=1)

    assert "parties.toml:31: agreement fyn: compensation: receiving_municipality_ore: whole øre, from 0 to" in told

"""Claims on the command line: made, listed and withdrawn."""

import json

import pytest

from tests.storage.books.claimed import NAME, REFERENCE, RULE, answered, guaranteed_families
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(guaranteed_families)
EVIDENCE = ("--evidence-number", "F-17", "--evidence-digest", "ab" * 32, "--evidence-on", "2026-03-20")
MAKE = ("claim", "make", REFERENCE, RULE, "1234567", "--claimant", "association:havblik", *EVIDENCE)


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def test_a_claim_is_made_once_and_listed_with_what_is_left(tilflyt: CommandLine):
    said = tilflyt(*MAKE, "--by", "Havblik")
    again = json.loads(tilflyt(*MAKE, "--json"))
    (listed,) = json.loads(tilflyt("claim", "list", "--json"))

    assert said == f"{NAME} is claimed: 12,345.67 kr., of 60,000.00 kr. that are left of its guarantee for it"
    assert again["newly"] is False
    assert (
        listed.items()
        >= {
            "claim": NAME,
            "claimant": "association:havblik",
            "amount_ore": 1_234_567,
            "cap_ore": 6_000_000,
            "left_ore": 6_000_000,
            "evidence_number": "F-17",
            "evidence_digest": "ab" * 32,
            "key": "F-17",
            "standing": "made",
        }.items()
    )
    assert listed["claimed_by"].startswith("Havblik (os: ")
    assert NAME in tilflyt("claim", "list", "--case", REFERENCE)
    assert tilflyt("claim", "list", "--case", "TF-2026-00002", "--json") == "[]"


def test_all_that_is_wrong_is_said_and_nothing_of_it_is_repeated(tilflyt: CommandLine):
    wrong = [word.replace("F-17", "the family at number 3").replace("ab" * 32, "no digest") for word in MAKE]
    said = tilflyt(*wrong, code=1)

    assert "evidence_number: a number of at most 40" in said
    assert "evidence_digest: the document's SHA-256" in said
    assert "the family at number 3" not in said
    assert "key: was used for another claim" in tilflyt(*MAKE) + tilflyt(*MAKE[:4], "1", *MAKE[5:], code=1)
    assert "no case TF-2026-00099" in tilflyt(*MAKE[:2], "TF-2026-00099", *MAKE[3:], code=1)


def test_a_claim_is_withdrawn_until_it_is_answered(world: World, tilflyt: CommandLine):
    tilflyt(*MAKE)
    assert tilflyt("claim", "withdraw", NAME) == f"{NAME} is withdrawn."
    assert tilflyt("claim", "withdraw", NAME) == f"{NAME} was withdrawn before."
    tilflyt(*[word.replace("F-17", "F-18").replace("ab", "cd") for word in MAKE])
    answered(world, f"{REFERENCE}/{RULE}/2")
    assert "only until the paying municipality has answered" in tilflyt("claim", "withdraw", f"{NAME[:-1]}2", code=1)
    assert "no such claim" in tilflyt("claim", "withdraw", "TF-2026-00001/x/1", code=1)

"""An agreement that is proposed, on the command line: checked, and tried on the families who have moved in."""

import json
import re

import pytest

from deployments.demo import world as demo
from tests.storage.books.model import two_housed_families
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)
TERMS = "compensation = {{ receiving_municipality_ore = {}, housing_department_ore = 0, reversed_within_days = 180 }}"


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def propose(tilflyt: CommandLine, receiving_ore: int) -> None:
    """The demo's agreement on Funen with one amount, and no other agreement."""
    agreements = (demo.HERE / "agreements.toml").read_text(encoding="utf-8")
    funen = agreements.partition('[[agreement]]\nid = "oestjylland"')[0]
    proposed = re.sub(r"compensation = \{[^}]*\}", TERMS.format(receiving_ore), funen)
    (tilflyt.folder / "proposed.toml").write_text(proposed, encoding="utf-8")


def test_the_families_of_a_time_are_replayed_under_the_proposal(world: World, tilflyt: CommandLine):
    propose(tilflyt, 6_000_000)
    month = f"{world.clock.now():%Y-%m}"

    told = json.loads(tilflyt("agreement", "simulate", "proposed.toml", "--from", month, "--to", month, "--json"))

    by_party = {one["party"]: (one["own_ore"], one["proposed_ore"]) for one in told["parties"]}
    assert told["families"] == 2
    # Half of 40.000,01 and of the children's 5.000, twelve months' work of 20.000, and the second family's stair.
    assert by_party["municipality:0450"] == (2_250_000 + 2_500_000 + 2 * 2_000_000 + 1_000_000, 12_000_000)
    assert by_party["municipality:0461"][1] == -12_000_000
    assert by_party["association:havblik"] == (4_750_000, 0)
    assert sum(own for own, _ in by_party.values()) == 0 == sum(other for _, other in by_party.values())


def test_a_time_without_families_has_none(tilflyt: CommandLine):
    propose(tilflyt, 6_000_000)

    simulate = ("agreement", "simulate", "proposed.toml", "--from")

    assert "0 families" in tilflyt(*simulate, "2020-01", "--to", "2020-12")
    assert "is before" in tilflyt(*simulate, "2020-02", "--to", "2020-01", code=1)


def test_a_proposal_that_cannot_be_kept_is_not_tried(tilflyt: CommandLine):
    propose(tilflyt, -1)

    told = tilflyt("agreement", "simulate", "proposed.toml", "--from", "2026-01", "--to", "2026-12", code=1)

    assert "ore: whole øre, from 0 to" in told


def test_a_proposal_is_checked_as_a_file_is_before_it_is_imported(tilflyt: CommandLine):
    propose(tilflyt, -1)

    assert "ore: whole øre, from 0 to" in tilflyt("agreement", "check", "proposed.toml", "--alone", code=1)

"""The page on which parties negotiate: it stands alone, has a table behind each chart, and tells of no one family."""

import json
import re
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup

from deployments.demo import world as demo
from domain.referrals.household import Language
from tests.storage.books.model import two_housed_families
from tests.world.commands import CommandLine
from tests.world.kept import world_after
from tests.world.world import World

world = world_after(two_housed_families)
TIME = ("--from", "2026-01", "--to", "2027-06")
INVENTED = ("--families", "60", "--seed", "3")


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    agreements = (demo.HERE / "agreements.toml").read_text(encoding="utf-8")
    (tmp_path / "demo.toml").write_text(agreements, encoding="utf-8")
    funen = agreements.partition('[[agreement]]\nid = "oestjylland"')[0]
    dearer = re.sub(r"receiving_municipality_ore = \d+", "receiving_municipality_ore = 9000000", funen)
    (tmp_path / "dearer.toml").write_text(dearer, encoding="utf-8")
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def drawn(tilflyt: CommandLine, name: str) -> BeautifulSoup:
    return BeautifulSoup((tilflyt.folder / name).read_text(encoding="utf-8"), "html.parser")


def test_a_proposal_is_drawn_with_a_table_behind_each_chart(tilflyt: CommandLine):
    for language in Language:
        simulate = ("agreement", "simulate", "demo.toml", *TIME, *INVENTED, "--language", language)
        told = json.loads(tilflyt(*simulate, "--page", f"{language}.html", "--json"))

        page = drawn(tilflyt, f"{language}.html")

        assert page.html["lang"] == language
        assert page.select("script, link, img, iframe, form, [style], [onload]") == []
        assert len(page.select("svg")) == len(page.select("table")) == 3
        for chart, table, rows in zip(
            page.select("svg"), page.select("table"), (told["parties"], told["rules"], told["months"]), strict=True
        ):
            assert chart["role"] == "img"
            assert chart["aria-label"]
            assert len(chart.select("rect")) == 2 * len(rows)
            names = [row.th.get_text() for row in table.select("tbody tr")]
            assert names == [text.get_text() for text in chart.select("text.name")]
            assert len(names) == len(rows)
        said = page.get_text(" ", strip=True)
        assert ("Familierne er opdigtede: 60 familier" in said) is (language is Language.DANISH)
        assert ("The families are invented: 60 families" in said) is (language is Language.ENGLISH)
        assert ("Alle beløb i aftalen er opdigtede eksempler" in said) is (language is Language.DANISH)
    assert told["families"] == 60
    assert told["invented"] is True
    assert sum(row["own_ore"] for row in told["parties"]) == 0 == sum(row["proposed_ore"] for row in told["parties"])


def test_two_proposals_stand_side_by_side_with_their_differences(tilflyt: CommandLine):
    simulate = ("agreement", "simulate", "demo.toml", "dearer.toml", *TIME, *INVENTED)
    told = json.loads(tilflyt(*simulate, "--page", "both.html", "--json"))
    table = tilflyt(*simulate)

    page = drawn(tilflyt, "both.html")

    heads = [head.get_text() for head in page.select_one("thead").select("th")]
    assert heads == ["Part", "I dag", "Forslag A", "Forslag B", "Forskel A", "Forskel B"]
    assert {"own_ore", "proposed_ore", "other_ore"} < told["parties"][0].keys()
    assert any(row["proposed_ore"] != row["other_ore"] for row in told["parties"])
    assert "difference B, kr." in table
    assert "60 invented families" in table


def test_the_same_seed_invents_the_same_families(tilflyt: CommandLine):
    simulate = ("agreement", "simulate", "demo.toml", *TIME, "--families", "20", "--json", "--seed")

    first, again, other = (tilflyt(*simulate, seed) for seed in ("1", "1", "2"))

    assert first == again != other


def test_a_page_that_would_tell_of_a_family_is_not_written(tilflyt: CommandLine):
    told = tilflyt("agreement", "simulate", "demo.toml", *TIME, "--page", "two.html", code=1)

    assert "fewer than 5 families" in told
    assert not (tilflyt.folder / "two.html").exists()


def test_a_page_is_not_written_over_another_file(tilflyt: CommandLine):
    simulate = ("agreement", "simulate", "demo.toml", *TIME, *INVENTED, "--page", "demo.toml")

    assert "exists" in tilflyt(*simulate, code=1)


def test_money_flows_first_at_the_move_in(tilflyt: CommandLine):
    told = json.loads(tilflyt("agreement", "simulate", "demo.toml", *TIME, *INVENTED, "--json"))

    months = [int(row["months_after"]) for row in told["months"]]
    assert months[0] == 0
    assert all(before < after for before, after in pairwise(months))

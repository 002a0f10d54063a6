"""Yearly ceilings on the command line: how far they are used, and a version whose ceiling is below what is used."""

import json

import pytest
from sqlmodel import select

from deployments.demo import world as demo
from domain.parties.ceilings.agreed import AreaCeiling, FamiliesCeiling
from domain.questions.question import QuestionKind
from storage.audit.events import AuditEvent
from storage.parties.agreements import AgreementVersion
from tests.world.ceilings import agree_on
from tests.world.commands import CommandLine
from tests.world.families import family
from tests.world.kept import world_after
from tests.world.world import World


def two_on_their_way(world: World) -> None:
    """Two families with homes in Nyborg, one of them in an area with a ceiling."""
    agree_on(
        world,
        families=(FamiliesCeiling(at_most=12), FamiliesCeiling(at_most=3, municipality="0430")),
        areas=(AreaCeiling(at_most=1, municipality="0450", area="Strandkvarteret"),),
    )
    world.home(area="strand kvarteret")
    world.home()
    world.flag(family(1), family(2))
    world.until(QuestionKind.APPROVAL)


world = world_after(two_on_their_way)


@pytest.fixture
def tilflyt(world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(world, monkeypatch, capsys, tmp_path)


def written(tilflyt: CommandLine, ceilings: str) -> None:
    """The demo's agreement on Funen as its third version, with these ceilings, and no other agreement."""
    agreements = (demo.HERE / "agreements.toml").read_text(encoding="utf-8")
    funen = agreements.partition('[[agreement]]\nid = "oestjylland"')[0].replace("version = 1", "version = 3")
    (tilflyt.folder / "third.toml").write_text(f"{funen}\n[agreement.ceilings]\n{ceilings}\n", encoding="utf-8")


def versions(world: World) -> list[int]:
    query = select(AgreementVersion.version).where(AgreementVersion.agreement_id == "fyn")
    return sorted(world.rows(query))


def accepted(world: World) -> list[tuple[str, str, dict[str, str]]]:
    """Who has accepted which ceiling below what is used, as the audit chain has it."""
    rows = world.rows(select(AuditEvent).where(AuditEvent.deed == "ceiling_below_used_accepted"))
    return [(row.actor, row.about, row.facts) for row in rows]


def test_it_is_told_how_far_each_is_used(tilflyt: CommandLine):
    told = json.loads(tilflyt("agreement", "ceilings", "fyn", "--json"))

    assert told["year"] == 2026
    assert [(one["ceiling of"], one["for"], one["used"], one["ceiling"], one["left"]) for one in told["ceilings"]] == [
        ("families", "municipality:0430", 0, 3, 3),
        ("families", "municipality:0450", 2, 12, 10),
        ("families_of_area", "municipality:0450 Strandkvarteret", 1, 1, 0),
    ]
    assert "municipality:0450 Strandkvarteret" in tilflyt("agreement", "ceilings")


def test_an_agreement_that_is_none_or_has_none(tilflyt: CommandLine):
    assert "fynn is not in force: did you mean fyn?" in tilflyt("agreement", "ceilings", "fynn", code=1)
    written(tilflyt, "")
    tilflyt("import", "third.toml")
    assert "No yearly ceiling is agreed for today." in tilflyt("agreement", "ceilings", "fyn")
    assert json.loads(tilflyt("agreement", "ceilings", "fyn", "--json"))["ceilings"] == []


BELOW = "families for municipality:0450 is 1, and 2 families are counted already"


def test_a_ceiling_below_what_is_used_must_be_confirmed(world: World, tilflyt: CommandLine):
    written(tilflyt, "families = [{ at_most = 1 }]")

    assert f"Beware: agreement fyn ceilings: {BELOW}" in tilflyt("agreement", "check", "third.toml")
    refused = tilflyt("import", "third.toml", code=1)
    assert f"agreement fyn ceilings: {BELOW}" in refused
    assert "--accept-below-used" in refused
    assert "municipality:0430" not in refused
    assert versions(world) == [1, 2]

    assert accepted(world) == []

    tilflyt("import", "third.toml", "--accept-below-used", "--by", "Maria")
    assert versions(world) == [1, 2, 3]
    (who, about, facts) = accepted(world)[0]
    assert ("Maria" in who, about) == (True, "agreement:fyn")
    assert facts == {"version": "3", "ceiling": "families for municipality:0450", "families": "1", "used": "2"}
    tilflyt("import", "third.toml", "--accept-below-used")
    assert len(accepted(world)) == 1, "nothing was new"
    assert "Beware: agreement fyn" not in tilflyt("agreement", "check", "third.toml"), "it is in force by now"


WITHIN = [
    "families = [{ at_most = 2 }]",
    "families = [{ at_most = 1, first_day = 2027-01-01 }]",
    'areas = [{ municipality = "0450", area = "Et andet kvarter", at_most = 0 }]',
]


@pytest.mark.parametrize("ceilings", WITHIN)
def test_a_ceiling_that_is_not_below_is_imported(world: World, tilflyt: CommandLine, ceilings: str):
    written(tilflyt, ceilings)

    tilflyt("import", "third.toml")

    assert versions(world) == [1, 2, 3]


ALSO_BELOW = [
    ('areas = [{ municipality = "0450", area = "STRANDKVARTERET", at_most = 0 }]', "families_of_area for municipality"),
    ('vacancies = [{ of = "association:havblik", share = "1/4" }]', "share_of_vacancies for association:havblik is 0"),
]


@pytest.mark.parametrize(("ceilings", "says"), ALSO_BELOW)
def test_an_area_and_a_share_are_judged_too(tilflyt: CommandLine, ceilings: str, says: str):
    written(tilflyt, ceilings)

    assert says in tilflyt("import", "third.toml", code=1)


def test_an_area_in_which_no_home_is_known_is_told(tilflyt: CommandLine):
    there, nowhere = (
        f'{{ municipality = "0450", area = "{area}", at_most = 9 }}' for area in ("STRANDKVARTERET", "Xvej")
    )
    written(tilflyt, f"areas = [{there}, {nowhere}]")

    told = tilflyt("agreement", "check", "third.toml")

    assert "Beware: agreement fyn ceilings.areas: no home is known in Xvej: is its name right?" in told
    assert "STRANDKVARTERET" not in told


WRONG = [
    ("families = [{ atmost = 1 }]", "ceilings.families.0.atmost: is not known here: did you mean at_most?"),
    ("families = [{ }]", "ceilings.families.0.at_most: is missing"),
    ('families = [{ at_most = "many" }]', "ceilings.families.0.at_most: should be a valid integer"),
    ("famillies = []", "ceilings.famillies: is not known here: did you mean families?"),
    ('vacancies = [{ share = "a quarter" }]', "ceilings.vacancies.0.share: "),
    ('vacancies = [{ share = "3/2" }]', "ceilings.vacancies.0.share: above zero and at most one"),
    ('areas = [{ area = "A", at_most = 1 }]', "ceilings.areas.0.municipality: is missing"),
    (
        'families = [{ at_most = 1, municipality = "0405" }]',
        "ceilings.families.0.municipality: 0405 receives nobody by this agreement: did you mean 0450?",
    ),
]


@pytest.mark.parametrize(("ceilings", "says"), WRONG)
def test_what_is_written_wrong_is_a_sentence_with_its_field(tilflyt: CommandLine, ceilings: str, says: str):
    written(tilflyt, ceilings)

    told = tilflyt("agreement", "check", "third.toml", code=1)

    assert "third.toml:41: agreement fyn" in told
    assert says in told

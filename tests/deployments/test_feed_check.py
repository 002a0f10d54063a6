"""An association checks its own feed before it connects: every problem, by line and field."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments.cli.main import app
from deployments.standins.server import in_a_thread
from deployments.standins.systems.feeds import xml_export
from deployments.standins.world import StandInAssociation, StandInWorld
from domain.errors import Invalid, PartnerUnavailable
from tests.connectors.vacancy_feed.associations import HEADER, VACANCY, page, with_cell
from tests.connectors.vacancy_feed.associations import ROW as CSV_ROW

WRONG = VACANCY | {"external_id": "2", "rooms": 0, "municipality": "9999", "size_m2": "stor"}


def check(where: object, *words: str, exit_code: int) -> dict:
    """Run the command; returns its JSON output."""
    done = CliRunner().invoke(app, ["feed", "check", str(where), "--json", *words], catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def written(folder: Path, name: str, content: object) -> Path:
    """A file with a feed in it."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_feed_without_problems_says_so(tmp_path: Path):
    told = check(written(tmp_path, "feed.json", page(VACANCY)), exit_code=0)
    assert (told["rows"], told["wrong"], told["problems"]) == (1, 0, [])


def test_every_problem_of_a_row_is_told_by_line_and_field(tmp_path: Path):
    told = check(written(tmp_path, "feed.json", page(VACANCY, WRONG, VACANCY)), exit_code=1)
    assert (told["rows"], told["wrong"]) == (3, 2)
    assert [(problem["line"], problem["field"]) for problem in told["problems"]] == [
        (2, "rooms"),
        (2, "size_m2"),
        (2, "municipality"),
        (3, "external_id"),
    ]
    assert "stor" not in json.dumps(told)


def test_a_spreadsheets_export_is_checked_by_the_lines_of_the_file(tmp_path: Path):
    lines = [HEADER, CSV_ROW, with_cell("Husleje", "efter aftale").replace("12-1-3", "2")]
    told = check(written(tmp_path, "ledige.csv", "\n".join(lines)), exit_code=1)
    assert [(problem["line"], problem["field"]) for problem in told["problems"]] == [(3, "rent_monthly_ore")]


def test_an_xml_export_is_checked_home_by_home(tmp_path: Path):
    path = tmp_path / "ledige.xml"
    path.write_bytes(xml_export([VACANCY, WRONG]))
    told = check(path, exit_code=1)
    assert [(problem["line"], problem["field"]) for problem in told["problems"]] == [
        (2, "rooms"),
        (2, "size_m2"),
        (2, "municipality"),
    ]


def test_a_person_reads_a_table_and_the_names_that_are_left_alone(tmp_path: Path):
    path = written(tmp_path, "feed.json", page(WRONG | {"photo": "x.jpg"}))
    done = CliRunner().invoke(app, ["feed", "check", str(path)], catch_exceptions=False)
    assert "1 rows, 1 of them wrong" in done.stdout
    assert "photo (1)" in done.stderr


@pytest.mark.parametrize("kind", ["json", "csv", "xml"])
def test_an_address_is_read_as_the_night_would_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str):
    rows = [VACANCY | {"external_id": str(number)} for number in range(120)]
    world = StandInWorld(associations={"havblik": StandInAssociation(kind, rows)}, tokens={"association:havblik": "t"})
    monkeypatch.setenv("OUR_TOKEN", "t")
    with in_a_thread(world, tmp_path / "journal.jsonl") as doors:
        path = "vacancies" if kind == "json" else f"export/ledige-boliger.{kind}"
        told = check(f"{doors.url}/association/havblik/{path}", "--token-in", "OUR_TOKEN", exit_code=0)
    assert told["rows"] == 120


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("feed.json", "<html>", PartnerUnavailable),
        ("feed.json", {"vacancies": []}, PartnerUnavailable),
        ("feed.csv", "<html>", PartnerUnavailable),
        ("feed.csv", "", PartnerUnavailable),
    ],
)
def test_what_is_no_feed_is_refused_in_one_sentence(tmp_path: Path, name: str, content: object, error: type):
    with pytest.raises(error):
        check(written(tmp_path, name, content), exit_code=1)


def test_a_file_that_is_not_there_is_said_not_to_be(tmp_path: Path):
    with pytest.raises(Invalid, match=r"nowhere\.json: No such file"):
        check(tmp_path / "nowhere.json", exit_code=1)

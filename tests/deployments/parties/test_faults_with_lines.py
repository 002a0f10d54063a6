"""Every fault of a file of agreements names the file, the line and the reason."""

from pathlib import Path

import pytest
from sqlmodel import func, select

from deployments.parties.importing import import_file
from domain.errors import Invalid
from storage.parties.agreements import AgreementVersion
from tests.deployments.parties.wrong_agreements import RIGHT, WRONG
from tests.world.commands import CommandLine
from tests.world.world import World


@pytest.fixture
def tilflyt(sqlite_world: World, monkeypatch, capsys, tmp_path) -> CommandLine:
    return CommandLine(sqlite_world, monkeypatch, capsys, tmp_path)


@pytest.mark.parametrize("how", WRONG)
def test_a_fault_names_file_line_and_reason_and_nothing_is_imported(tilflyt: CommandLine, how: str):
    before, after, says = WRONG[how]
    assert before in RIGHT
    (tilflyt.folder / "aftaler.toml").write_text(RIGHT.replace(before, after, 1), encoding="utf-8")

    assert says in tilflyt("agreement", "check", "aftaler.toml", code=1)
    database = tilflyt.world.platform.database
    with pytest.raises(Invalid) as refused:
        import_file(database, Path("aftaler.toml"), now=tilflyt.world.clock.now(), demo=True)
    assert says in str(refused.value)
    assert tilflyt.world.rows(select(func.count()).select_from(AgreementVersion)) == [2]


def test_the_file_without_a_fault_has_none(tilflyt: CommandLine):
    (tilflyt.folder / "aftaler.toml").write_text(RIGHT, encoding="utf-8")
    assert "aftaler.toml: no fault." in tilflyt("agreement", "check", "aftaler.toml")

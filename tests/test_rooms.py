"""The rooms of the house: each has a line in the developers' guide, none is too full, and tests share by modules."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
LAYERS = ("domain", "storage", "tasks", "flows", "connectors", "approval_api", "templates", "deployments")
MOST_FILES = 14
# What an installation consists of is no room of the product.
OF_THE_TESTS = {"deployments/installed"}
# Released migrations stay where they are, however many there are.
RELEASED = HERE / "storage" / "migrations" / "versions"


def rooms() -> Iterator[Path]:
    """Every folder below a layer that is a package of ours."""
    for layer in LAYERS:
        for init in sorted((HERE / layer).rglob("__init__.py")):
            if init.parent != RELEASED:
                yield init.parent


def listed() -> list[str]:
    """The rooms in the order in which the guide lists them."""
    guide = (HERE / "docs" / "for-developers.md").read_text(encoding="utf-8")
    table = guide.partition("## The rooms")[2].partition("\n## ")[0]
    lines = [line.partition(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    return [name for line in lines for name in re.findall(r"`(\w+)`", line)]


def test_every_room_stands_in_the_guide_once_and_nothing_else_does():
    names = {room.name for room in rooms()} - set(LAYERS)
    assert names
    assert sorted(listed()) == sorted(names)


@pytest.mark.parametrize("room", [pytest.param(room, id=str(room.relative_to(HERE))) for room in rooms()])
def test_no_room_has_more_files_than_one_sees_at_once(room: Path):
    assert len([file for file in room.glob("*.py") if file.name != "__init__.py"]) <= MOST_FILES


def test_the_tests_of_a_room_stand_in_a_room_of_that_name():
    folders = {
        file.parent.relative_to(HERE / "tests") for layer in LAYERS for file in (HERE / "tests" / layer).rglob("*.py")
    }
    assert len(folders) > len(LAYERS)
    assert {str(one) for one in folders if not (HERE / one / "__init__.py").exists()} <= OF_THE_TESTS


def imported(file: Path) -> Iterator[str]:
    """Every module that a file may mean by an import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def is_collected(module: str) -> bool:
    """Whether pytest looks for tests or fixtures in a module of ours."""
    *folders, last = module.split(".")
    file = HERE.joinpath(*folders, f"{last}.py")
    return module.startswith("tests.") and file.exists() and (last.startswith("test_") or last == "conftest")


def test_no_test_module_imports_from_a_test_module():
    files = sorted((HERE / "tests").rglob("*.py"))
    found = {str(file.relative_to(HERE)): sorted(filter(is_collected, set(imported(file)))) for file in files}
    assert {file: modules for file, modules in found.items() if modules} == {}


def test_an_import_from_a_test_module_would_be_found(tmp_path: Path):
    file = tmp_path / "test_one.py"
    file.write_text("def later():\n    from tests import test_rooms\n    from tests.conftest import world\n")
    assert set(filter(is_collected, imported(file))) == {"tests.test_rooms", "tests.conftest"}

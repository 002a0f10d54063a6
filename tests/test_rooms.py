"""The folders of the product: each has a line in the developers' guide, and no folder or file is too large."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
LAYERS = ("domain", "storage", "tasks", "flows", "connectors", "approval_api", "templates", "deployments")
MOST_FILES = 14
MOST_LINES = 250
MOST_IMPORTED = 15
# Modules that put others together may import any number: commands and processes, all tables, connectors and words.
KNOW_THEM_ALL = ("deployments/", "storage/tables.py", "connectors/registry.py", "templates/words/")
# Folders of the tests that have no folder in the product of the same name.
OF_THE_TESTS = {"deployments/installed"}
# Released migrations stay in one folder, however many there are.
RELEASED = HERE / "storage" / "migrations" / "versions"


def rooms() -> Iterator[Path]:
    """Every package of ours below a layer."""
    for layer in LAYERS:
        for init in sorted((HERE / layer).rglob("__init__.py")):
            if init.parent != RELEASED:
                yield init.parent


def files_of(*folders: str) -> list[Path]:
    """Every Python file of ours in some folders, except the released migrations."""
    found = [file for folder in folders for file in sorted((HERE / folder).rglob("*.py"))]
    return [file for file in found if RELEASED not in file.parents and "node_modules" not in file.parts]


def listed() -> list[str]:
    """The names of the folders in the order in which the guide lists them."""
    guide = (HERE / "docs" / "for-developers.md").read_text(encoding="utf-8")
    table = guide.partition("## The rooms")[2].partition("\n## ")[0]
    lines = [line.partition(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    return [name for line in lines for name in re.findall(r"`(\w+)`", line)]


def test_every_room_stands_in_the_guide_once_and_nothing_else_does():
    names = {room.name for room in rooms()} - set(LAYERS)
    assert names
    assert sorted(listed()) == sorted(names)


@pytest.mark.parametrize("room", [pytest.param(room, id=str(room.relative_to(HERE))) for room in rooms()])
def test_no_room_has_too_many_files(room: Path):
    assert len([file for file in room.glob("*.py") if file.name != "__init__.py"]) <= MOST_FILES


def test_the_tests_of_a_room_stand_in_a_room_of_that_name():
    folders = {
        file.parent.relative_to(HERE / "tests") for layer in LAYERS for file in (HERE / "tests" / layer).rglob("*.py")
    }
    assert len(folders) > len(LAYERS)
    assert {str(one) for one in folders if not (HERE / one / "__init__.py").exists()} <= OF_THE_TESTS


def imported(file: Path) -> Iterator[str]:
    """Every module that an import may mean, anywhere in a file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def is_collected(module: str) -> bool:
    """Whether pytest collects tests or fixtures from a module of ours."""
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


def is_ours(module: str) -> bool:
    """Whether a module or package of the product has this name."""
    at = HERE.joinpath(*module.split("."))
    return module.partition(".")[0] in LAYERS and (at.with_suffix(".py").exists() or (at / "__init__.py").exists())


def modules_imported(file: Path) -> set[str]:
    """The modules of ours that a file imports, also within functions; `from a import b` is a.b if that is a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{one.name}" for one in node.names]
            found |= {name if is_ours(name) else node.module for name in whole}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return {name for name in found if is_ours(name)}


def test_no_python_module_is_too_long():
    files = files_of(*LAYERS, "tests")
    assert len(files) > 700
    over = {str(file.relative_to(HERE)) for file in files if len(file.read_bytes().splitlines()) > MOST_LINES}
    assert over == set()


def test_no_module_knows_too_many_others():
    names = {str(file.relative_to(HERE)): file for file in files_of(*LAYERS)}
    counted = {name: file for name, file in names.items() if not name.startswith(KNOW_THEM_ALL)}
    assert len(counted) > 300
    over = {name for name, file in counted.items() if len(modules_imported(file)) > MOST_IMPORTED}
    assert over == set()


def test_what_is_imported_is_counted_wherever_it_stands(tmp_path: Path):
    file = tmp_path / "one.py"
    file.write_text(
        "import json\nimport storage.clock\nfrom storage import database, tables\n"
        "def later():\n    from domain.parties.party import Partner, Role\n    from domain.parties import agreement\n"
    )
    domain = {"domain.parties.party", "domain.parties.agreement"}
    assert modules_imported(file) == {"storage.clock", "storage.database", "storage.tables"} | domain


def test_no_package_passes_on_what_it_imports():
    for room in rooms():
        assert modules_imported(room / "__init__.py") == set() or room == HERE / "templates", room

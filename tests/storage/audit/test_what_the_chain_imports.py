"""The audit chain stands on the ground of storage alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import storage

STORAGE = Path(storage.__file__).parent
ROOT = STORAGE.parent
GROUND = {"storage.clock", "storage.columns", "storage.database"}
CHAIN = sorted((STORAGE / "audit").glob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """What a file imports, in its functions too: modules, and names by their module."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def of_storage(file: Path) -> set[str]:
    """The modules of storage that a file imports."""
    return {name for name in imported(file) if name.startswith("storage.") and file_of(name).is_file()}


def file_of(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


@pytest.mark.parametrize("file", CHAIN, ids=lambda file: file.stem)
def test_the_chain_imports_no_sibling_that_is_not_ground_directly_or_through_others(file: Path):
    reached: set[str] = set()
    to_read = of_storage(file)
    while to_read:
        module = to_read.pop()
        reached.add(module)
        to_read |= of_storage(file_of(module)) - reached

    assert {one for one in reached if not one.startswith("storage.audit.")} <= GROUND

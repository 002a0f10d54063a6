"""The audit chain imports only storage's lowest modules; modules that chain or verify have imported every table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import storage

STORAGE = Path(storage.__file__).parent
ROOT = STORAGE.parent
PRODUCT = ("storage", "tasks", "flows", "approval_api", "deployments")
GROUND = {"storage.clock", "storage.columns", "storage.database", "storage.dialect"}
CHAIN = sorted((STORAGE / "audit").glob("*.py"))
# Functions that read every chained table, and would miss one whose module is not imported.
READS_EVERY_TABLE = {
    *(f"storage.audit.chain.{name}" for name in ("sources", "bind", "chain", "anything_unchained")),
    *(f"storage.audit.checkpoints.{name}" for name in ("bind_and_sign", "checkpoint_is_due", "sign_if_due")),
    "storage.audit.verdict.verified",
}


def imported(file: Path) -> Iterator[str]:
    """The modules and names that a file imports, also in its functions."""
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


def that_read_every_table() -> list[Path]:
    files = [file for layer in PRODUCT for file in sorted((ROOT / layer).rglob("*.py")) if file not in CHAIN]
    return [file for file in files if READS_EVERY_TABLE & set(imported(file))]


@pytest.mark.parametrize("file", CHAIN, ids=lambda file: file.stem)
def test_the_chain_imports_no_sibling_that_is_not_ground_directly_or_through_others(file: Path):
    reached: set[str] = set()
    to_read = of_storage(file)
    while to_read:
        module = to_read.pop()
        reached.add(module)
        to_read |= of_storage(file_of(module)) - reached

    assert {one for one in reached if not one.startswith("storage.audit.")} <= GROUND


def test_what_binds_and_verifies_is_found():
    assert {f"{file.parent.name}/{file.stem}" for file in that_read_every_table()} >= {"upkeep/chain", "demo/audit"}


@pytest.mark.parametrize("file", that_read_every_table(), ids=lambda file: str(file.relative_to(ROOT)))
def test_whoever_binds_or_verifies_has_imported_every_table(file: Path):
    assert "storage.tables" in set(imported(file))

"""The differences between SQLite and PostgreSQL stand in one module, under names for what they mean."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[2]
PRODUCT = ("storage", "tasks", "approval_api", "deployments", "flows", "connectors", "domain", "templates")
# The modules that may name one of the two, and why.
MAY = {
    "storage/dialect.py": "says what differs",
    "storage/database.py": "tells tests and benchmarks which of the two they stand on, and keeps SQLite's files",
    "storage/settings.py": "its defaults are files, and its refusal says what addresses look like",
    "storage/migrate.py": "drafts a migration in a file of its own",
    "storage/migrations": "are released, and stay",
    "deployments/backup": "copies each of the two with its own tool",
    "deployments/demo": "makes the demo's files",
    "deployments/doctor/doctor.py": "tells people which of the two answers",
}
NAMES_ONE = re.compile(
    r"sqlite|postgres|pragma|\bpg_|FOR UPDATE|SKIP LOCKED|BEGIN IMMEDIATE|dialect\.name", re.IGNORECASE
)


def modules() -> Iterator[Path]:
    for layer in PRODUCT:
        yield from sorted((HERE / layer).rglob("*.py"))


def may(file: str) -> bool:
    return any(file == one or file.startswith(f"{one}/") for one in MAY)


def without_docstrings(tree: ast.AST) -> ast.AST:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def said_in(file: Path) -> str:
    """A module's code without docstrings and comments."""
    return ast.unparse(without_docstrings(ast.parse(file.read_text(encoding="utf-8"))))


def test_no_other_module_asks_which_of_the_two_it_stands_on():
    asking = {
        name: found[0]
        for file in modules()
        if "node_modules" not in file.parts
        if not may(name := str(file.relative_to(HERE))) and (found := NAMES_ONE.search(said_in(file)))
    }
    assert asking == {}


def test_whatever_may_is_there_and_does():
    for one in MAY:
        files = [HERE / one] if one.endswith(".py") else list((HERE / one).rglob("*.py"))
        assert any(NAMES_ONE.search(said_in(file)) for file in files), one

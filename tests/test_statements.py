"""A statement that a module builds once stands directly above the first function that uses it."""

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[1]
LAYERS = ("domain", "storage", "tasks", "flows", "connectors", "approval_api", "templates", "deployments", "tests")
# Released migrations stay as they were released.
RELEASED = HERE / "storage" / "migrations" / "versions"
LIBRARIES = ("sqlalchemy", "sqlmodel")
# What a statement, or a condition in one, is built with: functions of the libraries, and methods of their columns.
FUNCTIONS = {
    *("select", "insert", "update", "delete", "text", "exists", "union", "union_all"),
    *("col", "func", "bindparam", "literal", "case", "and_", "or_", "not_"),
}
METHODS = {"where", "is_", "is_not", "in_", "is_distinct_from"}
USERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of ours."""
    for layer in LAYERS:
        for file in sorted((HERE / layer).rglob("*.py")):
            if RELEASED not in file.parents and "node_modules" not in file.parts:
                yield file.relative_to(HERE), ast.parse(file.read_text(encoding="utf-8"))


def imports(module: ast.Module) -> Iterator[tuple[str, ast.alias]]:
    """Each name that a module imports from another."""
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, one) for one in node.names)


def named(node: ast.AST) -> set[str]:
    """The names that stand in a piece of code."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def bound(node: ast.stmt) -> set[str]:
    """The names that a line of a module binds to a value."""
    if isinstance(node, ast.Assign):
        return {name for target in node.targets for name in named(target)}
    return named(node.target) if isinstance(node, ast.AnnAssign) and node.value else set()


def statements(module: ast.Module) -> dict[str, int]:
    """The statements that a module builds once, each with its place; what one is put together from counts as one."""
    built_with = {
        one.asname or one.name
        for of, one in imports(module)
        if of.partition(".")[0] in LIBRARIES and one.name in FUNCTIONS
    }
    found: dict[str, int] = {}
    for place, node in enumerate(module.body):
        if names := bound(node):
            methods = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
            if named(node) & (built_with | found.keys()) or methods & METHODS:
                found |= dict.fromkeys(names, place)
    return found


def misplaced(module: ast.Module) -> set[str]:
    """The statements below the first function or class that uses them, or parted from it by another one."""
    return {name for name, place in statements(module).items() if _is_apart(module.body, name, place)}


def _is_apart(body: list[ast.stmt], name: str, place: int) -> bool:
    """Whether another function stands between a statement and its first user, directly or by another statement."""
    uses = {name}
    for other, node in enumerate(body):
        if named(node) & uses and isinstance(node, USERS):
            return any(isinstance(between, USERS) for between in body[place + 1 : other]) or other < place
        if named(node) & uses:
            uses |= bound(node)
    return False


def test_a_statement_stands_directly_above_the_first_function_that_uses_it():
    every = dict(modules())
    # What several modules use is none of theirs alone: it may stand first in its own.
    shared = {(of, one.name) for module in every.values() for of, one in imports(module)}
    found = {
        f"{file}: {name}"
        for file, module in every.items()
        for name in misplaced(module)
        if (".".join(file.with_suffix("").parts), name) not in shared
    }
    assert found == set()
    assert sum(len(statements(module)) for module in every.values()) > 150


ONE = "from sqlalchemy import select as chosen\nfrom storage.one import HOME\n"


def test_a_statement_elsewhere_would_be_found():
    below = "def use(): return _ALL\n_ALL = chosen(HOME)\n"
    apart = "_ALL = chosen(HOME)\ndef other(): pass\nclass Use: every = _ALL\n"
    by_another = (
        "_held = HOME.id.is_(None)\ndef other(): pass\n_ALL: int = chosen(HOME).where(_held)\ndef use(): _ALL\n"
    )
    assert misplaced(ast.parse(ONE + below)) == misplaced(ast.parse(ONE + apart)) == {"_ALL"}
    assert misplaced(ast.parse(ONE + by_another)) == {"_held"}


def test_statements_of_the_same_function_stand_together_above_it():
    together = (
        "_held = HOME.id.is_(None)\nMOST = 5\n_ALL = chosen(HOME).where(_held)\ndef use(): _ALL\ndef other(): _held\n"
    )
    assert statements(ast.parse(ONE + together)).keys() == {"_held", "_ALL"}
    assert misplaced(ast.parse(ONE + together)) == set()
